"""The options of subcommands that talk to a server, and the wait for one that is starting."""

import functools
import inspect
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from jumok.client.address import loopback, server_target
from jumok.client.async_client import AsyncClient
from jumok.client.credentials import tls_credentials
from jumok.client.sync_client import Client

DEFAULT_ADDRESS: Final = "localhost:50051"
STARTING_SECONDS: Final = 5.0
"""How long a server on this machine may take to start listening."""

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


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a server.

    Attributes:
        address: host and port, or another gRPC target.
        options: further arguments of `Client` and `AsyncClient`.
    """

    address: str = DEFAULT_ADDRESS
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def client(self, timeout: float) -> Client:
        """Open a client whose calls may take `timeout` seconds."""
        return Client(self.address, timeout=timeout, **self.options)

    def async_client(self, timeout: float) -> AsyncClient:
        """Open a client for asyncio whose calls may take `timeout` seconds."""
        return AsyncClient(self.address, timeout=timeout, **self.options)

    def await_start(self, timeout: float) -> None:
        """Wait a few seconds for a server on this machine that does not listen yet.

        So `jumok serve &` can be followed by `jumok translate` at once. If none comes, the call
        that follows reports it.

        Args:
            timeout: the most seconds to wait, at most `STARTING_SECONDS`.
        """
        target = loopback(server_target(self.address))
        deadline = time.monotonic() + min(timeout, STARTING_SECONDS)
        told = False
        while target is not None and not _listens(target) and time.monotonic() < deadline:
            if not told and sys.stderr.isatty():
                print(f"waiting for a server at {self.address} …", file=sys.stderr)
                told = True
            time.sleep(0.1)


LOCAL: Final = Connection()
"""The connection of a subcommand that is called without options."""


def connects(run: Callable[..., None]) -> Callable[..., None]:
    """Decorate the function of a subcommand that talks to a server.

    In the signature that typer reads, its parameter `connection` is replaced by the options below.
    """
    options = inspect.signature(_connection, eval_str=True).parameters
    own = inspect.signature(run, eval_str=True)

    @functools.wraps(run)
    def connected(**given: Any) -> None:
        run(connection=_connection(**{name: given.pop(name) for name in options}), **given)

    parameters: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        parameters += options.values() if parameter.name == "connection" else [parameter]
    vars(connected)["__signature__"] = own.replace(parameters=parameters)
    return connected


def _connection(
    address: Annotated[
        str,
        typer.Option(
            envvar="JUMOK_ADDRESS",
            show_envvar=True,
            metavar="HOST[:PORT]",
            help="Address of the server; the port is 50051 unless given.",
        ),
    ] = DEFAULT_ADDRESS,
    key: Annotated[
        str,
        typer.Option(
            envvar="JUMOK_KEY",
            show_envvar=True,
            show_default=False,
            metavar="KEY",
            help="API key. Prefer the variable: other users can see the arguments of a command.",
        ),
    ] = "",
    plaintext_key: Annotated[
        bool,
        typer.Option(
            "--plaintext-key",
            envvar="JUMOK_PLAINTEXT_KEY",
            show_envvar=True,
            help="Send the API key to another machine even without TLS.",
        ),
    ] = False,
    tls: Annotated[
        bool,
        typer.Option(
            "--tls",
            envvar="JUMOK_TLS",
            show_envvar=True,
            help="Use TLS; implied by the options below.",
        ),
    ] = False,
    ca: Annotated[
        Path | None,
        typer.Option(
            envvar="JUMOK_TLS_CA",
            show_envvar=True,
            metavar="FILE",
            help="Certificates to trust.  Default: the public authorities.",
        ),
    ] = None,
    server_name: Annotated[
        str,
        typer.Option(
            envvar="JUMOK_TLS_SERVER_NAME",
            show_envvar=True,
            show_default=False,
            metavar="NAME",
            help="Name that the server's certificate must have.  Default: the host.",
        ),
    ] = "",
    client_certificate: Annotated[
        Path | None,
        typer.Option(
            envvar="JUMOK_CLIENT_CERTIFICATE",
            show_envvar=True,
            metavar="FILE",
            help="Certificate of this client, if the server asks for one.",
        ),
    ] = None,
    client_key: Annotated[
        Path | None,
        typer.Option(
            envvar="JUMOK_CLIENT_KEY", show_envvar=True, metavar="FILE", help="Its private key."
        ),
    ] = None,
) -> Connection:
    """Build a connection from options."""
    encrypted = tls or server_name or ca or client_certificate or client_key
    return Connection(
        address,
        {
            "credentials": tls_credentials(ca, client_certificate, client_key)
            if encrypted
            else None,
            "server_name": server_name,
            "key": key,
            "plaintext_key": plaintext_key,
        },
    )


def _listens(target: tuple[str, int]) -> bool:
    try:
        socket.create_connection(target, timeout=1).close()
    except OSError:
        return False
    return True
