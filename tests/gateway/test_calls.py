"""Calls end with the request that they are made for, and carry its API key and its id."""

import asyncio
import contextlib
import threading
from typing import Any

import httpx
import pytest

from jumok.client.async_client import AsyncClient
from jumok.gateway.application import create_application
from jumok.service.server import Server
from tests.gateway.conftest import listening
from tests.service.calls import TEXT, until
from tests.service.conftest import CopyingEngine


def _ended(server: Server) -> bool:
    return not server._delivery._outboxes


@pytest.mark.parametrize("stream", [True, False])
async def test_leaving_cancels_the_call(
    stream: bool, http: httpx.AsyncClient, server: Server, engine: CopyingEngine
) -> None:
    """A client that goes away before the end cancels the call; the engine stops decoding."""
    engine.gate = threading.Semaphore(1)
    asking = asyncio.create_task(http.post("/v1/translate", json={"text": TEXT, "stream": stream}))
    await until(lambda: engine.steps == 1)
    assert not _ended(server)

    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking

    await until(lambda: _ended(server))
    engine.gate.release(100)
    await until(lambda: not server._delivery._scheduler.running)
    assert engine.steps <= 2


async def test_timeout_cancels_the_call(server: Server, engine: CopyingEngine) -> None:
    """A translation that takes too long is ended, also at the service."""
    engine.gate = threading.Semaphore(0)
    address = f"localhost:{server.port}"
    application = create_application(lambda: AsyncClient(address, timeout=0.5))
    async with listening(application) as url, httpx.AsyncClient(base_url=url) as http:
        response = await http.post("/v1/translate", json={"text": TEXT})

    assert response.status_code == 504
    await until(lambda: _ended(server))


async def test_no_service() -> None:
    """Without a service, the problem does not name its address."""
    application = create_application(lambda: AsyncClient("localhost:1", timeout=5))
    async with listening(application) as url, httpx.AsyncClient(base_url=url) as http:
        response = await http.get("/v1/models")

    assert response.status_code == 503
    assert "localhost" not in response.text


class Recorder(AsyncClient):
    """Notes the metadata of its calls."""

    sent: list[Any] = []  # noqa: RUF012 - shared by its copies

    async def list_models(self) -> list[Any]:
        self.sent.append(dict(self._metadata))
        return []


@pytest.fixture
async def recorded() -> Any:
    """A client of a gateway, whose client is a recorder that has an API key."""
    Recorder.sent.clear()
    application = create_application(lambda: Recorder("localhost:1", key="own"))
    async with listening(application) as url, httpx.AsyncClient(base_url=url) as http:
        yield http


async def test_api_key_and_request_id_are_sent_on(recorded: httpx.AsyncClient) -> None:
    """The key and the id of a request are those of the call."""
    headers = {"Authorization": "Bearer theirs", "X-Request-Id": "a-1"}

    response = await recorded.get("/v1/models", headers=headers)

    assert Recorder.sent == [{"authorization": "Bearer theirs", "x-request-id": "a-1"}]
    assert response.headers["x-request-id"] == "a-1"


async def test_requests_without_them(recorded: httpx.AsyncClient) -> None:
    """A request without a key gets that of the gateway, and one with an unusable id a new one."""
    response = await recorded.get("/v1/models", headers={"X-Request-Id": "not an id"})

    (sent,) = Recorder.sent
    assert sent["authorization"] == "Bearer own"
    assert sent["x-request-id"] == response.headers["x-request-id"] != "not an id"


async def test_key_that_is_not_ascii(recorded: httpx.AsyncClient) -> None:
    """A key that no metadata can hold is refused."""
    response = await recorded.get("/v1/models", headers={b"Authorization": b"Bearer \xe9"})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


async def test_key_is_not_sent_in_plain_text() -> None:
    """A key is not sent to another machine without TLS; that is not the client's fault."""
    application = create_application(lambda: AsyncClient("192.0.2.1:50051", timeout=5))
    async with listening(application) as url, httpx.AsyncClient(base_url=url) as http:
        response = await http.get("/v1/models", headers={"Authorization": "Bearer key"})

    assert response.status_code == 502
    assert "192.0.2.1" not in response.text


class Broken(AsyncClient):
    """Has a bug."""

    async def list_models(self) -> list[Any]:
        raise ZeroDivisionError("secret")


async def test_bug_is_a_problem(caplog: pytest.LogCaptureFixture) -> None:
    """A bug is answered without its message, which is logged."""
    application = create_application(lambda: Broken("localhost:1"))
    async with listening(application) as url, httpx.AsyncClient(base_url=url) as http:
        response = await http.get("/v1/models")

    assert response.status_code == response.json()["status"] == 500
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]
    assert "secret" in caplog.text
