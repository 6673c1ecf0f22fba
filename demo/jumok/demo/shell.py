"""Commands of jumok, shown as one would type them, and run."""

import contextlib
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import typer

from jumok.client import Client, ClientError
from jumok.client.events import ServingStatus
from jumok.demo.errors import DemoError

_STARTUP_SECONDS: Final = 60


def jumok(*arguments: str) -> None:
    """Show a command, and run it to its end.

    Raises:
        DemoError: it failed, and has printed why.
    """
    status = subprocess.run(_shown(arguments), check=False).returncode
    if status:
        raise DemoError(f"`jumok {arguments[0]}` ended with status {status}, see above")


@contextmanager
def served(*bundle: str) -> Iterator[str]:
    """Serve a bundle, by default that of `jumok serve`, on a free port; yield the address.

    Raises:
        DemoError: the service did not start, and has printed why.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    server = subprocess.Popen(_shown(("serve", *bundle, "--listen", address), " &"))
    try:
        _await_health(server, address)
        yield address
    finally:
        server.terminate()
        server.wait()


def translate_live(address: str, sentences: Iterable[str]) -> None:
    """Translate each sentence as it streams in, and draw its attention below."""
    for sentence in sentences:
        typer.echo()
        jumok("translate", "--attention", "--address", address, sentence)


def _shown(arguments: tuple[str, ...], ending: str = "") -> list[str]:
    typer.echo(typer.style(f"$ jumok {shlex.join(arguments)}{ending}", bold=True))
    sys.stdout.flush()
    # without the current folder on the path, which may hold modules of the same names
    return [sys.executable, "-P", "-m", "jumok.cli", *arguments]


def _await_health(server: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + _STARTUP_SECONDS
    with Client(address) as client:
        while time.monotonic() < deadline and server.poll() is None:
            with contextlib.suppress(ClientError):
                if client.health() is ServingStatus.SERVING:
                    return
            time.sleep(0.1)
    raise DemoError("the service did not come up, see above")
