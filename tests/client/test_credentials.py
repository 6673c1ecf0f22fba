"""TLS and API keys of clients."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest

from jumok.client import AsyncClient, Client, tls_credentials
from jumok.client.errors import InvalidRequest, Unavailable
from jumok.v1 import translation_pb2_grpc
from tests.certificates import Authority, with_password
from tests.client.answers import TEXT
from tests.client.servicer import Servicer

KEY = "jumok_key"


@dataclass
class Recorder(grpc.ServerInterceptor):
    """Records the keys that calls come with."""

    seen: list[str | None] = field(default_factory=list)

    def intercept_service(self, continuation: Any, details: grpc.HandlerCallDetails) -> Any:
        self.seen.append(dict(details.invocation_metadata or ()).get("authorization"))  # type: ignore[arg-type]
        return continuation(details)


@dataclass
class Secured:
    """A running server that asks for certificates of clients.

    Attributes:
        port: its port.
        authority: signed its certificate, and must have signed those of clients.
        recorder: the keys that it saw.
    """

    port: int
    authority: Authority
    recorder: Recorder

    def connect(self, kind: Callable[..., Any] = Client, **options: Any) -> Any:
        pair = self.authority.issue("client")
        credentials = tls_credentials(self.authority.certificate, *pair)
        return kind(f"localhost:{self.port}", credentials=credentials, timeout=20, **options)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "pki")


@pytest.fixture(params=["localhost"])
def secured(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Secured]:
    """Such a server, whose certificate is for the host of the parameter."""
    certificate, key = (path.read_bytes() for path in authority.issue("server", request.param))
    recorder = Recorder()
    running = grpc.server(ThreadPoolExecutor(4), interceptors=[recorder])
    translation_pb2_grpc.add_TranslationServiceServicer_to_server(Servicer(), running)
    credentials = grpc.ssl_server_credentials(
        [(key, certificate)], authority.certificate.read_bytes(), require_client_auth=True
    )
    port = running.add_secure_port("localhost:0", credentials)
    running.start()
    yield Secured(port, authority, recorder)
    running.stop(0).wait()


def test_a_client_with_tls_and_a_key(secured: Secured) -> None:
    """The key is sent with streams, batches and unary calls."""
    with secured.connect(key=KEY) as client:
        assert client.translate_text(TEXT).text
        client.translate_batch([TEXT])
        client.get_model()
    assert secured.recorder.seen == [f"Bearer {KEY}"] * 3


async def test_an_asynchronous_client_with_tls_and_a_key(secured: Secured) -> None:
    """The same holds for the client for asyncio."""
    async with secured.connect(AsyncClient, key=KEY) as client:
        assert (await client.translate_text(TEXT)).text
        await client.translate_batch([TEXT])
        await client.get_model()
    assert secured.recorder.seen == [f"Bearer {KEY}"] * 3


def test_without_a_key_none_is_sent(secured: Secured) -> None:
    """A client without a key sends no header for it."""
    with secured.connect() as client:
        client.get_model()
    assert secured.recorder.seen == [None]


@pytest.mark.parametrize("secured", ["translate.example.org"], indirect=True)
def test_the_server_can_have_another_name(secured: Secured) -> None:
    """A server is verified against `server_name` if its address is not in its certificate."""
    with secured.connect(server_name="translate.example.org") as client:
        client.get_model()
    with secured.connect() as client, pytest.raises(Unavailable, match="no TLS connection"):
        client.get_model()


def test_without_a_certificate_of_its_own_a_client_is_refused(secured: Secured) -> None:
    """A server that asks for certificates does not serve clients without one."""
    credentials = tls_credentials(secured.authority.certificate)
    with (
        Client(f"localhost:{secured.port}", credentials=credentials, timeout=20) as client,
        pytest.raises(Unavailable),
    ):
        client.get_model()


@pytest.mark.parametrize("kind", [Client, AsyncClient])
async def test_a_key_is_not_sent_in_plain_text(kind: Callable[..., Any]) -> None:
    """To another machine a key is sent only over TLS, or if that is explicitly allowed."""
    for address in ("10.1.2.3", "translate.example.org:443", "dns:///localhost:50051"):
        with pytest.raises(InvalidRequest, match="can read the API key: use TLS") as error:
            kind(address, key=KEY)
        assert KEY not in str(error.value)
    for address, options in (
        ("localhost", {}),
        ("unix:/run/jumok.sock", {}),
        ("10.1.2.3", {"plaintext_key": True}),
        ("10.1.2.3", {"credentials": grpc.ssl_channel_credentials()}),
    ):
        closed = kind(address, key=KEY, **options).close()
        if closed is not None:
            await closed


@pytest.mark.parametrize("key", ["a\nb", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_refused(key: str) -> None:
    """A key that no header can carry is refused, without showing it."""
    with pytest.raises(InvalidRequest, match="ASCII characters only") as error:
        Client("localhost", key=key)
    assert key not in str(error.value)


def test_wrong_files_are_explained(authority: Authority) -> None:
    """Files that are not certificates and keys are refused, because gRPC would not say why."""
    certificate, key = authority.issue("client")
    _, other = authority.issue("other")
    text = certificate.with_name("text")
    text.write_text("text")
    locked = certificate.with_name("locked")
    locked.write_bytes(with_password(key.read_bytes()))
    with pytest.raises(InvalidRequest, match="must contain certificates"):
        tls_credentials(text)
    with pytest.raises(InvalidRequest, match="give both"):
        tls_credentials(certificate=certificate)
    for wrong in (text, other, locked):
        with pytest.raises(InvalidRequest, match="must be a certificate and its private key"):
            tls_credentials(certificate=certificate, key=wrong)
    with pytest.raises(OSError, match="missing"):
        tls_credentials("missing")


def test_the_command_uses_tls_and_the_key(
    jumok: Any, secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options and environment variables of the command say how to connect."""
    certificate, key = secured.authority.issue("client")
    files = ["--ca", str(secured.authority.certificate), "--client-key", str(key)]
    monkeypatch.setenv("JUMOK_CLIENT_CERTIFICATE", str(certificate))
    monkeypatch.setenv("JUMOK_KEY", KEY)
    ended = jumok("translate", "--address", f"localhost:{secured.port}", *files, TEXT)
    assert ended.status == 0, ended.err
    assert secured.recorder.seen == [f"Bearer {KEY}"]
    monkeypatch.delenv("JUMOK_CLIENT_CERTIFICATE")
    refused = jumok("translate", "--address", "10.1.2.3", TEXT)
    assert refused.err.startswith("jumok translate: key: without TLS everyone")
    assert KEY not in refused.err + jumok("translate", "--help").out
