"""Sockets to listen on."""

import errno
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from jumok.gateway.errors import GatewayError

_LISTEN: Final = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})")

_ANY: Final = ("0.0.0.0", "[::]")  # all addresses of this machine; a browser opens none of them


@contextmanager
def listening(address: str) -> Iterator[tuple[str, list[socket.socket]]]:
    """Bind the sockets of an address; yield the URL of the server and the sockets.

    A name such as localhost can stand for several addresses, of IPv4 and IPv6; those that this
    machine does not have are left out.

    Raises:
        GatewayError: the address is not HOST:PORT, or cannot be bound.
    """
    match = _LISTEN.fullmatch(address)
    if match is None or int(match["port"]) > 65535:
        raise GatewayError(f"{address!r} is not HOST:PORT, such as localhost:8080")
    host, port = match["host"], int(match["port"])
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise GatewayError(f"{host} is not an address of this machine: {error.strerror}") from None
    except UnicodeError:  # a part of the name is empty or too long
        raise GatewayError(f"{host} is not the name of a host: listen on localhost") from None
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for family, _, _, _, place in dict.fromkeys(found):
            try:
                bound = stack.enter_context(_bound(family, (place[0], port, *place[2:])))
            except OSError as error:
                if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    continue
                raise _not_bound(address, error) from None
            port = bound.getsockname()[1]  # if it was 0, the same for all of them
            sockets.append(bound)
        if not sockets:
            raise GatewayError(f"{host} is not an address of this machine: listen on another")
        shown = "localhost" if host in _ANY else host
        yield f"http://{shown}:{port}/", sockets


def _bound(family: int, place: tuple[object, ...]) -> socket.socket:
    bound = socket.socket(family)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound


def _not_bound(address: str, error: OSError) -> GatewayError:
    if error.errno == errno.EADDRINUSE:
        return GatewayError(
            f"{address} is in use: end the program that listens there, or give another --listen"
        )
    return GatewayError(f"{address} cannot be listened on: {error.strerror}")
