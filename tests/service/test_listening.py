"""Where the server listens, and the limits of connections."""

import asyncio
import errno
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import grpc
import pytest

from jumok.service.config import ServiceConfig
from jumok.service.errors import StartupError
from jumok.service.listening import listen
from jumok.service.server import Server

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""What a client of HTTP/2 begins with, and empty settings."""


@pytest.fixture
async def bare() -> grpc.aio.Server:
    return grpc.aio.server(options=[("grpc.so_reuseport", 0)])


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let every name stand for these addresses."""

    def set_addresses(*ips: str) -> None:
        def found(*_: object, **__: object) -> list[Any]:
            return [
                (socket.AF_INET6 if ":" in ip else socket.AF_INET, 0, 0, "", (ip, 0)) for ip in ips
            ]

        monkeypatch.setattr(socket, "getaddrinfo", found)

    return set_addresses


def accepts(ip: str, port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((ip, port)) == 0


async def test_every_address_is_listened_on(
    bare: grpc.aio.Server, resolve: Callable[..., None]
) -> None:
    """A name with several addresses is served on all of them, on one port."""
    resolve("127.0.0.1", "127.0.0.2", "127.0.0.1")
    port = listen([bare], "name:0", None)
    await bare.start()
    assert [accepts(ip, port) for ip in ("127.0.0.1", "127.0.0.2", "127.0.0.3")] == [
        True,
        True,
        False,
    ]
    await bare.stop(0)


async def test_an_address_that_is_taken_is_named(
    bare: grpc.aio.Server, resolve: Callable[..., None]
) -> None:
    """If one of the addresses is in use, the start fails and names it."""
    resolve("127.0.0.1", "127.0.0.2")
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=rf"127\.0\.0\.2:{port}.* is the port free") as error:
            listen([bare], f"name:{port}", None)
    assert "\n" not in str(error.value)


async def test_an_address_of_another_machine_is_named(
    bare: grpc.aio.Server, resolve: Callable[..., None]
) -> None:
    """An address that this machine does not have is an error."""
    resolve("127.0.0.1", "192.0.2.1")
    with pytest.raises(StartupError, match=r"192\.0\.2\.1:\d+ .*an address of this machine"):
        listen([bare], "name:0", None)


async def test_a_name_without_an_address_is_an_error(bare: grpc.aio.Server) -> None:
    """A name that cannot be resolved is an error of one sentence."""
    with pytest.raises(StartupError, match="no host is known by this name"):
        listen([bare], "host.invalid:0", None)


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
async def test_without_ipv6_localhost_is_served_on_ipv4(
    bare: grpc.aio.Server,
    resolve: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    """On a machine without IPv6, the IPv6 address of localhost is left out."""
    create = socket.socket

    def no_ipv6(family: int, *rest: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(number, "no IPv6")
        return create(family, *rest)

    resolve("::1", "127.0.0.1")
    with monkeypatch.context() as patched:
        patched.setattr(socket, "socket", no_ipv6)
        port = listen([bare], "localhost:0", None)
    await bare.start()
    assert accepts("127.0.0.1", port)
    await bare.stop(0)


@pytest.fixture
def config() -> ServiceConfig:
    return ServiceConfig(
        listen="localhost:0", max_connections=2, max_streams=3, max_header_bytes=4096
    )


async def test_headers_that_are_too_large_are_refused(channel: grpc.aio.Channel) -> None:
    """A call with larger headers than allowed is RESOURCE_EXHAUSTED, and others go on."""
    method: Any = channel.unary_unary("/jumok.v1.TranslationService/GetModel")
    await method(b"", metadata=(("x-note", "y" * 1000),))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await method(b"", metadata=(("x-note", "y" * 5000),))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await method(b"")


async def test_connections_are_limited(server: Server) -> None:
    """Further connections are closed, and accepted again when there is room."""

    async def closed(reader: asyncio.StreamReader) -> bool:
        """Return whether the server closes the connection instead of sending its settings."""
        return not await asyncio.wait_for(reader.read(9), 20)

    pairs = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
    for _, writer in pairs:
        writer.write(PREFACE)
    assert sorted([await closed(reader) for reader, _ in pairs]) == [False, False, True]
    for _, writer in pairs:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    async with (
        asyncio.timeout(20),
        grpc.aio.insecure_channel(f"localhost:{server.port}") as channel,
    ):
        method: Any = channel.unary_unary("/jumok.v1.TranslationService/GetModel")
        await method(b"", wait_for_ready=True)


async def test_streams_of_a_connection_are_limited(server: Server) -> None:
    """The settings of HTTP/2 tell clients how many calls one connection may have."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(PREFACE)
    async with asyncio.timeout(20):
        head = await reader.readexactly(9)
        content = await reader.readexactly(int.from_bytes(head[:3]))
    settings = dict(struct.iter_unpack(">HI", content))
    assert (head[3], settings[3], settings[6]) == (4, 3, 4096)
    writer.close()
    await writer.wait_closed()
