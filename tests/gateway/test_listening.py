"""Sockets to listen on."""

import socket

import pytest

from jumok.gateway.errors import GatewayError
from jumok.gateway.listening import listening


def test_localhost_is_reached() -> None:
    """The sockets of a name are on one port, which the URL names."""
    with listening("localhost:0") as (url, sockets):
        (port,) = {bound.getsockname()[1] for bound in sockets}
        assert url == f"http://localhost:{port}/"
        socket.create_connection(("localhost", port)).close()


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]"])
def test_all_addresses(host: str) -> None:
    """The URL of a server on all addresses is one that a browser can open."""
    with listening(f"{host}:0") as (url, sockets):
        assert url == f"http://localhost:{sockets[0].getsockname()[1]}/"


def test_port_in_use() -> None:
    """A port in use is one sentence that names it."""
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(GatewayError, match=f"127.0.0.1:{taken.getsockname()[1]} is in use"),
        listening(f"127.0.0.1:{taken.getsockname()[1]}"),
    ):
        pass


@pytest.mark.parametrize(
    "address", ["8080", "localhost", "localhost:99999", "a b:1", "[::1:80", "a..b:80"]
)
def test_no_address(address: str) -> None:
    """What is no address is refused with an example."""
    with (
        pytest.raises(GatewayError, match=r"not HOST:PORT|not an address|not the name"),
        listening(address),
    ):
        pass
