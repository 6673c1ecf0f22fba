"""HTTP server for monitoring: /metrics, /livez and /readyz, on threads of its own."""

import socket
import threading
from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from jumok.service.errors import StartupError

_MOST_CONNECTIONS: Final = 16
_READ_SECONDS: Final = 10


class MetricsServer:
    """Serves metrics and probes over HTTP; never needs the event loop.

    Attributes:
        port: the port that it listens on.
    """

    def __init__(
        self,
        listen: str,
        registry: CollectorRegistry,
        live: Callable[[], bool],
        ready: Callable[[], bool],
    ) -> None:
        """Listen on an address, HOST:PORT.

        Args:
            listen: the address.
            registry: what /metrics shows.
            live: whether /livez returns 200; it may be called on any thread.
            ready: whether /readyz returns 200; likewise.

        Raises:
            StartupError: the server cannot listen on the address.
        """
        metrics: Any = make_wsgi_app(registry)
        probes = {"/livez": live, "/readyz": ready}

        def respond(environ: dict[str, Any], start_response: Any) -> Any:
            path = environ["PATH_INFO"]
            if path == "/metrics":
                return metrics(environ, start_response)
            if (probe := probes.get(path)) is None:
                status = "404 Not Found"
            else:
                status = "200 OK" if probe() else "503 Service Unavailable"
            start_response(status, [("Content-Type", "text/plain")])
            return [status.encode() + b"\n"]

        host, _, port = listen.rpartition(":")
        try:
            family, _, _, _, address = socket.getaddrinfo(
                host.strip("[]"), int(port), type=socket.SOCK_STREAM
            )[0]
            self._server = _Server(family, (str(address[0]), int(address[1])))
        except OSError as error:
            raise StartupError(
                f"cannot listen on {listen} for metrics: is it HOST:PORT, and is the port free?"
            ) from error
        self._server.set_app(respond)
        self.port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and close the port."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Handler(WSGIRequestHandler):
    timeout = _READ_SECONDS

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each connection, up to a limit; further connections are closed."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, family: int, address: tuple[str, int]) -> None:
        self.address_family = family
        self._free = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that the base class does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection if fewer than the limit are open."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection on its thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect or are too slow."""
