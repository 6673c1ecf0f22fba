"""A gateway to the service with the fake engine, on one event loop, each on its own port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from jumok.client.async_client import AsyncClient
from jumok.gateway.application import Settings, create_application
from jumok.service.server import Server
from tests.service.calls import until
from tests.service.conftest import (  # noqa: F401 - fixtures
    config,
    copying_bundle,
    engine,
    model,
    server,
)


@asynccontextmanager
async def listening(application: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a port of its own; yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = uvicorn.Config(application, log_config=None, timeout_graceful_shutdown=1)
        running = uvicorn.Server(config)
        serving = asyncio.create_task(running.serve([bound]))
        await until(lambda: running.started)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        running.should_exit = True
        await serving


@pytest.fixture
def settings() -> Settings:
    """Settings of the gateway; tests replace them."""
    return Settings()


@pytest.fixture
async def gateway(server: Server, settings: Settings) -> AsyncIterator[str]:  # noqa: F811
    """The URL of a gateway."""
    address = f"localhost:{server.port}"
    application = create_application(lambda: AsyncClient(address, timeout=20), settings)
    async with listening(application) as url:
        yield url


@pytest.fixture
async def http(gateway: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that gateway."""
    async with httpx.AsyncClient(base_url=gateway, timeout=20) as client:
        yield client
