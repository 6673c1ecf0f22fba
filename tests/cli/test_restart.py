"""Servers that are still starting, restart, or stop."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from jumok.cli import connection
from jumok.v1 import translation_pb2_grpc
from tests.client.answers import TEXT
from tests.client.servicer import Servicer

LINES, MANY = 200, 5000


class Restarting:
    """A server on one port that can be stopped and started."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.address = f"localhost:{free.getsockname()[1]}"
        self.servicer = Servicer()
        self._running: Any = None

    def start(self) -> None:
        self._running = grpc.server(ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
        translation_pb2_grpc.add_TranslationServiceServicer_to_server(self.servicer, self._running)
        self._running.add_insecure_port(self.address)
        self._running.start()

    def stop(self, grace: float | None) -> None:
        if self._running is not None:
            self._running.stop(grace).wait()


@pytest.fixture
def restarting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Restarting]:
    server = Restarting()
    monkeypatch.setenv("JUMOK_ADDRESS", server.address)
    yield server
    server.stop(None)


def when(condition: Callable[[], bool], action: Callable[[], None]) -> threading.Thread:
    """Call a function on a thread as soon as a condition holds."""

    def watch() -> None:
        deadline = time.monotonic() + 20
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.002)
        action()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_starting_server_is_waited_for(jumok: Any, restarting: Restarting) -> None:
    """A command waits for a server that is starting."""
    began = time.monotonic()
    starting = when(lambda: time.monotonic() > began + 0.7, restarting.start)
    ended = jumok("translate", TEXT)
    starting.join()
    assert (ended.status, ended.out.splitlines()[0], ended.err) == (0, "I am a student", "")


def test_missing_server_is_reported(
    jumok: Any, restarting: Restarting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no server starts in time, one line says so, without gRPC's own log."""
    monkeypatch.setattr(connection, "STARTING_SECONDS", 0.3)
    ended = jumok("translate", TEXT)
    assert ended.status == 1
    assert ended.err == (
        f"jumok translate: no server answers at {restarting.address}: is `jumok serve` running "
        "there?\n"
    )


def test_restart_loses_no_line(jumok: Any, restarting: Restarting) -> None:
    """A restart of the server in the middle of a file loses no line."""
    restarting.start()
    done = restarting.servicer.requests

    def restart() -> None:
        restarting.stop(5)
        time.sleep(1)
        restarting.start()

    thread = when(lambda: len(done) > 60, restart)
    ended = jumok("translate", "-", stdin=f"{TEXT}\n".encode() * LINES)
    thread.join()
    assert ended.err == ""
    assert ended.status == 0
    assert ended.out.splitlines() == ["I am a student"] * LINES


@pytest.mark.parametrize("command", ["translate", "align"])
def test_lost_server_names_the_line_to_continue_from(
    jumok: Any, restarting: Restarting, tmp_path: Path, command: str
) -> None:
    """If the server does not return, the message names the line to continue from."""
    restarting.start()
    servicer = restarting.servicer
    thread = when(
        lambda: len(servicer.requests) + len(servicer.pairs) > 60, lambda: restarting.stop(5)
    )
    (tmp_path / "source").write_text(f"{TEXT}\n" * MANY, "utf-8")
    (tmp_path / "target").write_text("I am a student\n" * MANY, "utf-8")
    if command == "translate":
        stdin = (tmp_path / "source").read_bytes()
        ended = jumok("translate", "-", "--timeout", "1", stdin=stdin)
    else:
        files = ("--source-file", f"{tmp_path}/source", "--target-file", f"{tmp_path}/target")
        ended = jumok("align", *files, "--timeout", "1")
    thread.join()
    assert ended.status == 1
    written = ended.out.splitlines()
    assert 0 < len(written) < MANY
    line = len(written)  # the failed line gave an empty line
    assert ended.err.startswith(f"jumok {command}: line {line}: ")
    assert ended.err.endswith(
        f"the lines before it are done: continue with `tail -n +{line}` of the input\n"
    )
    assert written[-1] == ""
    assert all(written[:-1])
