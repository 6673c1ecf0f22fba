"""Addresses of servers, and the channel options that suit them."""

import ipaddress
import os
import re
from typing import Final

from jumok.client.errors import InvalidRequest

DEFAULT_PORT: Final = 50051

_SCHEMES: Final = re.compile(r"(dns|ipv4|ipv6|unix|unix-abstract|vsock|xds):")
_HOST_PORT: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\s:/\[\]]+)(:(?P<port>\d{1,5}))?")
# gRPC takes the first of these that is set, in this order, and no others.
_PROXIES: Final = ("grpc_proxy", "https_proxy", "http_proxy")


def server_target(address: str) -> str:
    """Return the gRPC target of an address; without a port it is that of port 50051.

    Raises:
        InvalidRequest: it is neither HOST, HOST:PORT nor a gRPC target such as unix:PATH.
    """
    if _SCHEMES.match(address):
        return address
    if _is_ip(address) and ":" in address:  # IPv6, whose colons are not those of a port
        return f"[{address}]:{DEFAULT_PORT}"
    match = _HOST_PORT.fullmatch(address)
    if match is None or int(match["port"] or DEFAULT_PORT) > 65535:
        description = f"{address!r} is not HOST or HOST:PORT, such as localhost:{DEFAULT_PORT}"
        raise InvalidRequest(f"address: {description}", field="address", description=description)
    return f"{match['host']}:{match['port'] or DEFAULT_PORT}"


def loopback(target: str) -> tuple[str, int] | None:
    """Return host and port of a target on this very machine, None for any other."""
    match = _HOST_PORT.fullmatch(target)
    if match is None or match["port"] is None:
        return None
    host = match["host"].strip("[]")
    if host.lower() == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback):
        return host, int(match["port"])
    return None


def channel_options(target: str, server_name: str = "") -> tuple[tuple[str, int | str], ...]:
    """Return the options of a channel: messages of any size, and no proxy to this very machine.

    Args:
        target: the server.
        server_name: the name that its certificate must have; empty for that of the target.
    """
    options: list[tuple[str, int | str]] = [("grpc.max_receive_message_length", -1)]
    if server_name:
        options.append(("grpc.ssl_target_name_override", server_name))
    if loopback(target) or target.startswith("unix"):
        options.append(("grpc.enable_http_proxy", 0))
    return tuple(options)


def proxy_variable(target: str) -> str | None:
    """Name the environment variable whose proxy a call to a target goes through, if any."""
    if loopback(target) or _SCHEMES.match(target):
        return None
    return next((name for name in _PROXIES if os.environ.get(name)), None)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
