"""A server with canned events, in this process, on its own port."""

import io
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from jumok.cli.command import main
from jumok.client.sync_client import Client
from jumok.client.translation import Translation
from jumok.v1 import translation_pb2_grpc
from tests.client.answers import TEXT
from tests.client.servicer import Servicer


@dataclass
class Server:
    """A running server."""

    address: str
    servicer: Servicer
    health: Any


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A serving server, whose address is in JUMOK_ADDRESS."""
    monkeypatch.setenv("no_proxy", "localhost")
    servicer = Servicer()
    checks = health.HealthServicer()
    checks.set("", health_pb2.HealthCheckResponse.SERVING)
    checks.set("jumok.v1.TranslationService", health_pb2.HealthCheckResponse.NOT_SERVING)
    running = grpc.server(ThreadPoolExecutor(4))
    translation_pb2_grpc.add_TranslationServiceServicer_to_server(servicer, running)
    health_pb2_grpc.add_HealthServicer_to_server(checks, running)
    address = f"localhost:{running.add_insecure_port('localhost:0')}"
    running.start()
    monkeypatch.setenv("JUMOK_ADDRESS", address)
    yield Server(address, servicer, checks)
    running.stop(1).wait()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of that server."""
    with Client(server.address, timeout=10) as client:
        yield client


@dataclass
class Ended:
    """The result of a command."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def jumok(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the `jumok` command in this process, without a terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "JUMOK_FONT"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        status = ended.value.code
        captured = capsys.readouterr()
        return Ended(status if isinstance(status, int) else 0, captured.out, captured.err)

    return run


@pytest.fixture
def translation(client: Client) -> Translation:
    """`TEXT`, translated."""
    return client.translate_text(TEXT)
