"""How the server listens: its addresses, and what each connection may do."""

import errno
import socket
from collections.abc import Callable, Sequence

import grpc

from jumok.service.config import ServiceConfig
from jumok.service.errors import StartupError

_HANDSHAKE_MS = 10_000
_KEEPALIVE_MS = 60_000
_ANSWER_MS = 20_000
_PING_MS = 10_000
_GRACE_MS = 600_000
_ACCEPTORS = 8
_MANY_CONNECTIONS = 100


def acceptors(config: ServiceConfig) -> int:
    """Return how many gRPC servers should share the port.

    A gRPC server accepts calls of a method one by one, and each takes several iterations of the
    event loop. Several servers accept calls side by side, so that a busy service can still refuse
    the calls that it cannot answer. The kernel divides the connections among them about evenly,
    which is too uneven where there may be few.
    """
    return _ACCEPTORS if config.max_connections >= _MANY_CONNECTIONS else 1


def connection_options(config: ServiceConfig) -> list[tuple[str, int]]:
    """Return the options of each gRPC server that limit connections."""
    return [
        ("grpc.so_reuseport", 1),
        ("grpc.max_allowed_incoming_connections", -(-config.max_connections // acceptors(config))),
        ("grpc.max_concurrent_streams", config.max_streams),
        # equal, because between the two gRPC refuses calls at random
        ("grpc.max_metadata_size", config.max_header_bytes),
        ("grpc.absolute_max_metadata_size", config.max_header_bytes),
        ("grpc.max_connection_idle_ms", round(config.connection_idle_seconds * 1000)),
        ("grpc.max_connection_age_ms", round(config.connection_age_seconds * 1000)),
        ("grpc.max_connection_age_grace_ms", _GRACE_MS),
        # TLS, the HTTP/2 preface, and the client's confirmation of our settings, without which it
        # need not keep to the size of headers
        ("grpc.server_handshake_timeout_ms", _HANDSHAKE_MS),
        ("grpc.http2.settings_timeout", _HANDSHAKE_MS),
        # connections whose client has vanished are noticed
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", _ANSWER_MS),
        # clients may do the same, more often than gRPC's default of 5 minutes
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", _PING_MS),
        ("grpc.http2.max_ping_strikes", 2),
    ]


def listen(
    servers: Sequence[grpc.aio.Server],
    address: str,
    credentials: Callable[[], grpc.ServerCredentials] | None,
) -> int:
    """Let the servers listen on every IP address that HOST:PORT stands for; return the port.

    gRPC would be content with one of the addresses. Those of IPv6 are left out if this machine has
    none, such as ::1 for localhost. `credentials` is called for each server and address, because
    each needs its own.

    Raises:
        StartupError: one of them cannot be listened on.
    """
    host, _, text = address.rpartition(":")
    port = int(text)
    for ip in _addresses(host.strip("[]"), address):
        try:
            _check_free(ip, port)
            for server in servers:
                target = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
                if credentials is None:
                    port = server.add_insecure_port(target)
                else:
                    port = server.add_secure_port(target, credentials())
        except (OSError, RuntimeError) as error:
            raise StartupError(
                f"cannot listen on {ip}:{port} ({address}): is it an address of this machine, and "
                "is the port free?"
            ) from error
    return port


def _check_free(ip: str, port: int) -> None:
    """Raise OSError if a port is taken, which ports that are shared would hide."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((ip, port))


def _addresses(host: str, address: str) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise StartupError(f"cannot listen on {address}: no host is known by this name") from error
    usable = dict.fromkeys(str(ip[0]) for family, *_, ip in found if _exists(family, ip))
    return list(usable) or [str(found[0][4][0])]


def _exists(family: int, ip: tuple[object, ...]) -> bool:
    """Return whether the machine speaks the address's version of IP."""
    if family != socket.AF_INET6:
        return True
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        return error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
    return True
