"""Addresses, and proxies that apply to them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from jumok.client import AsyncClient, Client
from jumok.client.address import channel_options, loopback, proxy_variable, server_target
from jumok.client.errors import InvalidRequest, Unavailable
from jumok.client.events import ServingStatus
from tests.client.answers import TEXT

PROXIES = ("http_proxy", "https_proxy", "grpc_proxy")
NO_PROXY = (("grpc.enable_http_proxy", 0),)


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("localhost:50051", "localhost:50051"),
        ("localhost", "localhost:50051"),
        ("10.1.2.3", "10.1.2.3:50051"),
        ("10.1.2.3:7", "10.1.2.3:7"),
        ("::1", "[::1]:50051"),
        ("[::1]", "[::1]:50051"),
        ("[::1]:7", "[::1]:7"),
        ("translate.example.org", "translate.example.org:50051"),
        ("unix:/run/jumok.sock", "unix:/run/jumok.sock"),
        ("dns:///translate.example.org:443", "dns:///translate.example.org:443"),
    ],
)
def test_target(address: str, target: str) -> None:
    """The default port is 50051; gRPC targets are not changed."""
    assert server_target(address) == target


@pytest.mark.parametrize(
    "address",
    ["", ":50051", "localhost:", "localhost:99999", "http://localhost:50051", "a b", "x:y"],
)
def test_invalid_address(address: str) -> None:
    """An invalid address is refused when the client is made."""
    with pytest.raises(InvalidRequest, match="is not HOST or HOST:PORT") as refused:
        Client(address)
    assert refused.value.field == "address"


@pytest.mark.parametrize(
    ("target", "here"),
    [
        ("localhost:1", ("localhost", 1)),
        ("LOCALHOST:1", ("LOCALHOST", 1)),
        ("127.0.0.1:1", ("127.0.0.1", 1)),
        ("127.8.9.1:1", ("127.8.9.1", 1)),
        ("[::1]:1", ("::1", 1)),
        ("10.0.0.1:1", None),
        ("localhost.example.org:1", None),
        ("unix:/run/jumok.sock", None),
    ],
)
def test_loopback(
    target: str, here: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy applies unless the address is a loopback address or a Unix socket."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert loopback(target) == here
    direct = here is not None or target.startswith("unix")
    assert (NO_PROXY[0] in channel_options(target)) == direct
    assert (proxy_variable(target) is None) == direct


@pytest.mark.parametrize("variable", PROXIES)
async def test_a_proxy_does_not_apply_to_loopback(
    server: Any, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A local server is reached directly, even if the environment sets a proxy."""
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with Client(server.address, timeout=10) as client:
        assert client.health() is ServingStatus.SERVING
        assert client.translate_text(TEXT).text
    async with AsyncClient(server.address, timeout=10) as client:
        assert (await client.translate_text(TEXT)).text


@pytest.mark.parametrize("variable", PROXIES)
def test_a_proxy_is_named(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """If a server cannot be reached through a proxy, the error names the proxy's variable."""
    for other in (*PROXIES, "no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    reason = f"through the proxy of {variable}: add the host"
    with (
        Client("translate.invalid", timeout=10) as client,
        pytest.raises(Unavailable, match=reason),
    ):
        client.translate_text(TEXT)


def test_a_unix_socket(tmp_path: Any, server: Any) -> None:
    """A server on a Unix socket is reached by its path."""
    from jumok.v1 import translation_pb2_grpc

    running = grpc.server(ThreadPoolExecutor(2))
    translation_pb2_grpc.add_TranslationServiceServicer_to_server(server.servicer, running)
    running.add_insecure_port(f"unix:{tmp_path}/s")
    running.start()
    with Client(f"unix:{tmp_path}/s", timeout=10) as client:
        assert client.translate_text(TEXT).text
    running.stop(1).wait()
