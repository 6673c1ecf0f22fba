"""The options of subcommands that talk to a server, and the wait for one that is starting."""

import socket
import sys
import time
from typing import Annotated, Final

import typer

from jumok.client.address import loopback, server_target

DEFAULT_ADDRESS: Final = "localhost:50051"
STARTING_SECONDS: Final = 5.0
"""How long a server on this machine may take to start listening."""

Address = Annotated[
    str,
    typer.Option(
        envvar="JUMOK_ADDRESS",
        show_envvar=True,
        metavar="HOST[:PORT]",
        help="Address of the server; the port is 50051 unless given.",
    ),
]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Name of the model.  Default: the one for the languages, else the server's default.",
    ),
]
SourceLanguage = Annotated[
    str,
    typer.Option(
        metavar="TAG", help="Choose a model for this source language, such as ko.  Default: any."
    ),
]
TargetLanguage = Annotated[
    str,
    typer.Option(
        metavar="TAG", help="Choose a model for this target language, such as en.  Default: any."
    ),
]
Timeout = Annotated[
    float,
    typer.Option(min=0.001, metavar="SECONDS", help="How long a call may take, retries included."),
]


def await_start(address: str, timeout: float) -> None:
    """Wait a few seconds for a server on this machine that does not listen yet.

    So `jumok serve &` can be followed by `jumok translate` at once. If none comes, the call that
    follows reports it.

    Args:
        address: of the server; nothing is awaited on other machines.
        timeout: the most seconds to wait, at most `STARTING_SECONDS`.
    """
    target = loopback(server_target(address))
    deadline = time.monotonic() + min(timeout, STARTING_SECONDS)
    told = False
    while target is not None and not _listens(target) and time.monotonic() < deadline:
        if not told and sys.stderr.isatty():
            print(f"waiting for a server at {address} …", file=sys.stderr)
            told = True
        time.sleep(0.1)


def _listens(target: tuple[str, int]) -> bool:
    try:
        socket.create_connection(target, timeout=1).close()
    except OSError:
        return False
    return True
