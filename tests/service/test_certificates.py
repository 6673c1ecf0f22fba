"""TLS: certificates of the server and of clients, and their renewal."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from jumok.service.config import ServiceConfig
from jumok.service.errors import StartupError
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.certificates import Authority, with_password
from tests.service.calls import TEXT
from tests.service.conftest import CopyingEngine

Serving = Callable[..., Any]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "pki")


@pytest.fixture
def serving(model: ServedModel, config: ServiceConfig) -> Serving:
    """Serve with these settings, and yield the port."""

    @asynccontextmanager
    async def serve(**settings: object) -> AsyncIterator[int]:
        server = Server(config.model_copy(update=settings), ModelRegistry([model]))
        await server.start()
        yield server.port
        await server.stop()

    return serve


def connect(port: int, ca: Path, pair: tuple[Path, Path] | None = None) -> grpc.aio.Channel:
    """Open a channel of its own connection."""
    certificate, key = (path.read_bytes() for path in pair) if pair else (None, None)
    credentials = grpc.ssl_channel_credentials(ca.read_bytes(), key, certificate)
    options = [("grpc.use_local_subchannel_pool", 1)]
    return grpc.aio.secure_channel(f"localhost:{port}", credentials, options)


async def name_of_model(channel: grpc.aio.Channel) -> str:
    stub: Any = TranslationServiceStub(channel)
    response = await stub.GetModel(pb.GetModelRequest(), timeout=20)
    return str(response.model.name)


async def refused(channel: grpc.aio.Channel) -> bool:
    try:
        await name_of_model(channel)
    except grpc.aio.AioRpcError as error:
        return error.code() is grpc.StatusCode.UNAVAILABLE
    return False


async def test_tls(serving: Serving, authority: Authority, tmp_path: Path) -> None:
    """Clients that trust the certificate are served; others, and plain text, are not."""
    certificate, key = authority.issue("server")
    other = Authority(tmp_path / "other")
    async with serving(tls_certificate=certificate, tls_key=key) as port:
        async with connect(port, authority.certificate) as channel:
            assert await name_of_model(channel) == "copy"
        async with connect(port, other.certificate) as channel:
            assert await refused(channel)
        async with grpc.aio.insecure_channel(f"localhost:{port}") as channel:
            assert await refused(channel)


async def test_mutual_tls(serving: Serving, authority: Authority, tmp_path: Path) -> None:
    """With a CA for clients, only those with a certificate that it signed are served."""
    certificate, key = authority.issue("server")
    other = Authority(tmp_path / "other")
    async with serving(
        tls_certificate=certificate, tls_key=key, tls_client_ca=authority.certificate
    ) as port:
        async with connect(port, authority.certificate, authority.issue("client")) as channel:
            assert await name_of_model(channel) == "copy"
        async with connect(port, authority.certificate) as channel:
            assert await refused(channel)
        async with connect(port, authority.certificate, other.issue("client")) as channel:
            assert await refused(channel)


async def test_a_renewed_certificate_is_used_and_streams_continue(
    serving: Serving, authority: Authority, tmp_path: Path, engine: CopyingEngine
) -> None:
    """After renewal new connections get the new certificate, and a running stream finishes."""
    certificate, key = authority.issue("server")
    renewed = Authority(tmp_path / "new")
    engine.gate = threading.Semaphore(1)
    async with serving(tls_certificate=certificate, tls_key=key) as port:
        channel = connect(port, authority.certificate)
        stub: Any = TranslationServiceStub(channel)
        stream = aiter(stub.Translate(pb.TranslateRequest(text=TEXT)))
        await anext(stream)
        for new, old in zip(renewed.issue("server"), (certificate, key), strict=True):
            new.replace(old)
        async with connect(port, renewed.certificate) as fresh:
            assert await name_of_model(fresh) == "copy"
        async with connect(port, authority.certificate) as late:
            assert await refused(late)
        engine.gate.release(100)
        responses = [response async for response in stream]
        assert responses[-1].result.hypotheses[0].text == TEXT
        await channel.close()


async def test_a_broken_renewal_keeps_the_old_certificate(
    serving: Serving, authority: Authority
) -> None:
    """If the new files are wrong, the old certificate stays in use, with one line in the log."""
    certificate, key = authority.issue("server")
    with capture_logs() as log:
        async with serving(tls_certificate=certificate, tls_key=key) as port:
            certificate.write_text("nothing")
            for _ in range(3):
                async with connect(port, authority.certificate) as channel:
                    assert await name_of_model(channel) == "copy"
    errors = [line for line in log if line["log_level"] == "error"]
    assert [line["what"] for line in errors] == ["certificates"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tls_key": None}, "needs both a certificate and its key"),
        ({"tls_certificate": None}, "needs both a certificate and its key"),
        ({"tls_key": "missing"}, r"cannot read missing \(JUMOK_TLS_KEY\): No such file"),
        ({"tls_key": "other.key"}, "must be a certificate and its private key"),
        ({"tls_key": "locked.key"}, "must be a certificate and its private key"),
        ({"tls_certificate": "text"}, "must be a certificate and its private key"),
        ({"tls_client_ca": "text"}, r"must contain certificates as PEM \(JUMOK_TLS_CLIENT_CA\)"),
        ({"tls_client_ca": "."}, r"cannot read \. \(JUMOK_TLS_CLIENT_CA\): Is a directory"),
    ],
)
async def test_wrong_settings_are_one_sentence(
    wrong: dict[str, str | None],
    message: str,
    model: ServedModel,
    config: ServiceConfig,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A service with wrong files or settings of TLS does not start, and says why."""
    certificate, key = authority.issue("server")
    authority.issue("other")
    folder = certificate.parent
    monkeypatch.chdir(folder)
    (folder / "text").write_text("text")
    key.with_name("locked.key").write_bytes(with_password(key.read_bytes()))
    settings = {"tls_certificate": certificate, "tls_key": key}
    settings |= {name: value and Path(value) for name, value in wrong.items()}  # type: ignore[misc]
    with pytest.raises(StartupError, match=message) as error:
        Server(config.model_copy(update=settings), ModelRegistry([model]))
    assert "\n" not in str(error.value)
