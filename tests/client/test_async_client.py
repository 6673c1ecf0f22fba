"""The client for an event loop, against a server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from jumok.client.async_client import AsyncClient
from jumok.client.errors import (
    Cancelled,
    InvalidRequest,
    ModelNotFound,
    Overloaded,
    Timeout,
    Unavailable,
)
from jumok.client.events import Result, ServingStatus, Source, Tokens
from jumok.client.sync_client import Client

TEXT = "나는 학생입니다"


@pytest.fixture
async def async_client(server: Any) -> AsyncIterator[AsyncClient]:
    """A client of the server."""
    async with AsyncClient(server.address, timeout=10) as client:
        yield client


async def test_events_are_those_of_the_sync_client(
    async_client: AsyncClient, client: Client
) -> None:
    """Both clients yield equal events in the same order."""
    events = [event async for event in async_client.translate(TEXT)]

    assert [type(event) for event in events] == [Source, Tokens, Tokens, Tokens, Result]
    assert events == list(client.translate(TEXT))


async def test_calls_run_together(async_client: AsyncClient) -> None:
    """Several translations at the same time share one client."""
    translations = await asyncio.gather(*(async_client.translate_text(TEXT) for _ in range(3)))

    assert [translation.text for translation in translations] == ["I am a student"] * 3


async def test_closing_early_cancels(async_client: AsyncClient, server: Any) -> None:
    """Closing the iterator before its end cancels the call at the server."""
    async with aclosing(async_client.translate("끝없이")) as events:
        async for _ in events:
            break

    assert await asyncio.to_thread(server.servicer.cancelled.wait, 5)


async def test_cancelling_the_task_cancels(async_client: AsyncClient, server: Any) -> None:
    """Cancelling the task that iterates cancels the call at the server."""
    task = asyncio.create_task(async_client.translate_text("끝없이"))
    assert await asyncio.to_thread(server.servicer.endless.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await asyncio.to_thread(server.servicer.cancelled.wait, 5)


async def test_closing_the_client_cancels_its_calls(server: Any) -> None:
    """A call whose client is closed raises Cancelled, and its task is not cancelled by it."""
    client = AsyncClient(server.address, timeout=10)
    call = asyncio.create_task(client.translate_text("끝없이"))
    assert await asyncio.to_thread(server.servicer.endless.wait, 5)
    await client.close()
    with pytest.raises(Cancelled, match="closed"):
        await call


async def test_errors_are_those_of_the_sync_client(async_client: AsyncClient, server: Any) -> None:
    """Statuses become the same exceptions, with field, reason and seconds."""
    server.servicer.overloads = 1
    with pytest.raises(InvalidRequest) as refused:
        await async_client.translate_text("너무 김")
    with pytest.raises(Overloaded) as overloaded:
        await async_client.translate_text("만원")
    with pytest.raises(ModelNotFound):
        await async_client.get_model("de-en")
    with pytest.raises(InvalidRequest):
        async_client.translate("나\udcff")

    assert refused.value.field == "text"
    assert overloaded.value.retry_after == pytest.approx(0.05)


async def test_no_server_and_no_time(server: Any) -> None:
    """Without a server Unavailable is raised; a slow one raises Timeout."""
    async with AsyncClient("localhost:1", timeout=5) as client:
        with pytest.raises(Unavailable, match="is `jumok serve` running"):
            await client.health()
    async with AsyncClient(server.address, timeout=0.2) as client:
        with pytest.raises(Timeout):
            await client.translate_text("느림")


async def test_model_and_health(async_client: AsyncClient) -> None:
    """The unary calls return what those of the sync client return."""
    assert (await async_client.get_model()).name == "ko-en"
    assert await async_client.health() is ServingStatus.SERVING
    assert await async_client.health("other") is ServingStatus.SERVICE_UNKNOWN
