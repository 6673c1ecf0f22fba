"""The HTTP server."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final

import uvicorn
from fastapi import FastAPI

_GRACE_SECONDS: Final = 5
_IDLE_SECONDS: Final = 75  # longer than most proxies keep a connection


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()


def serve(
    application: FastAPI, sockets: Sequence[socket.socket], started: Callable[[], None]
) -> None:
    """Serve until SIGINT or SIGTERM; call `started` once requests are answered."""
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=_IDLE_SECONDS,
    )
    asyncio.run(_Server(config, started).serve(list(sockets)))
