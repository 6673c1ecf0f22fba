"""The standard health service, `grpc.health.v1.Health`.

The implementation in grpcio-health-checking is not used, because there a watcher that does not read
delays the changes of status for everyone.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_Response = health_pb2.HealthCheckResponse


class Health(health_pb2_grpc.HealthServicer):
    """Reports one status for the whole server and for each of its services.

    Attributes:
        serving: whether the status is SERVING, otherwise NOT_SERVING; may be read on any thread.
    """

    def __init__(self, services: Iterable[str]) -> None:
        """Report NOT_SERVING for `services` until `set` is called."""
        self._services = ["", *services]
        self.serving = False
        self._changed = asyncio.Event()

    def set(self, serving: bool) -> None:
        """Change the status."""
        self.serving = serving
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def _status(self) -> Any:
        return _Response.SERVING if self.serving else _Response.NOT_SERVING

    async def Check(  # noqa: N802
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> health_pb2.HealthCheckResponse:
        """Return the status of a service."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "there is no such service")
        return _Response(status=self._status)

    async def Watch(  # noqa: N802
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> None:
        """Send the status of a service now and whenever it changes."""
        sent = None
        while True:
            changed = self._changed
            known = request.service in self._services
            status = self._status if known else _Response.SERVICE_UNKNOWN
            if status != sent:
                await context.write(_Response(status=status))
                sent = status
            await changed.wait()
