"""A service of our own, for `jumok web` without an address."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from jumok.client.errors import ClientError
from jumok.client.events import ServingStatus
from jumok.client.sync_client import Client
from jumok.gateway.errors import GatewayError

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0
# Settings that would make it another service than the one that is expected here.
_NOT_PASSED_ON: Final = {
    "JUMOK_KEYS",
    "JUMOK_METRICS_LISTEN",
    "JUMOK_TLS_CERTIFICATE",
    "JUMOK_TLS_CLIENT_CA",
    "JUMOK_TLS_KEY",
}
_PR_SET_PDEATHSIG: Final = 1
# loaded here, because little is safe between fork and exec
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


@contextmanager
def own_service() -> Iterator[str]:
    """Serve the default model in a process of its own; yield the address.

    Raises:
        GatewayError: it did not start.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    # -P: the current folder, which may hold modules of the same names, is not on the path
    command = [sys.executable, "-P", "-m", "jumok.cli", "serve", "--listen", address]
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    # one line for each call would fill the file, which nobody can read
    environment.setdefault("JUMOK_LOG_LEVEL", "warning")
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that Ctrl-C does not end it before the last response
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        try:
            _await_start(process, address, log)
            yield address
        finally:
            _end(process)


def _await_start(process: "subprocess.Popen[bytes]", address: str, log: IO[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with Client(address, timeout=1) as client:
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(ClientError):
                if client.health() is ServingStatus.SERVING:
                    return
            time.sleep(0.05)
    log.seek(0)
    lines = log.read().decode(errors="replace").split("\n")
    said = next((line for line in reversed(lines) if line.strip()), "it said nothing")
    raise GatewayError(f"the service did not start: {said}")


def _end_with_parent() -> None:
    """Have Linux end this process if its parent is killed, which then cannot do it."""
    assert _LIBC is not None
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
