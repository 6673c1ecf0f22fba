"""Draining: what happens to running, late and endless calls after SIGTERM."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events, until
from tests.service.conftest import CopyingEngine, refusal


@pytest.fixture
def config(config: ServiceConfig) -> ServiceConfig:
    return config.model_copy(update={"drain_delay_seconds": 0.5, "drain_seconds": 60})


@pytest.fixture
async def server(model: ServedModel, config: ServiceConfig) -> AsyncIterator[Server]:
    """Return a server that the test stops; a second time here if the test fails."""
    server = Server(config, ModelRegistry([model]))
    await server.start()
    yield server
    for each in server._servers:
        await each.stop(None)


async def test_new_calls_are_accepted_during_the_delay(
    channel: grpc.aio.Channel, stub: Any, server: Server
) -> None:
    """After SIGTERM health is NOT_SERVING at once, and calls are still served for a while."""
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0)
    health: Any = health_pb2_grpc.HealthStub(channel)
    response = await health.Check(health_pb2.HealthCheckRequest())
    assert response.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert (await events(stub, text=TEXT))[-1].hypotheses
    assert await stopping


async def test_endless_streams_do_not_delay_the_end(
    channel: grpc.aio.Channel, server: Server
) -> None:
    """Health watches and reflection streams end with UNAVAILABLE, long before `drain_seconds`."""
    health: Any = health_pb2_grpc.HealthStub(channel)
    reflection: Any = reflection_pb2_grpc.ServerReflectionStub(channel)  # type: ignore[arg-type]

    async def questions() -> AsyncIterator[Any]:
        yield reflection_pb2.ServerReflectionRequest(list_services="")
        await asyncio.Event().wait()

    watch = aiter(health.Watch(health_pb2.HealthCheckRequest()))
    open_reflection = aiter(reflection.ServerReflectionInfo(questions()))
    assert (await anext(watch)).status == health_pb2.HealthCheckResponse.SERVING
    await anext(open_reflection)
    async with asyncio.timeout(20):
        assert await server.stop()
    assert (await anext(watch)).status == health_pb2.HealthCheckResponse.NOT_SERVING
    for stream in (watch, open_reflection):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(stream)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_late_calls_are_unavailable(stub: Any, server: Server, engine: CopyingEngine) -> None:
    """Calls that arrive during the drain are UNAVAILABLE, and running ones finish."""
    engine.gate = threading.Semaphore(1)
    stream = aiter(stub.Translate(pb.TranslateRequest(text=TEXT)))
    await anext(stream)
    await anext(stream)
    stopping = asyncio.create_task(server.stop())
    await until(lambda: server._drain._draining)
    held = [refusal(stub.Translate(pb.TranslateRequest(text=TEXT))) for _ in range(20)]
    refusals = await asyncio.gather(*held)
    refusals += [await refusal(stub.Translate(pb.TranslateRequest(text=TEXT))) for _ in range(5)]
    assert {error.code() for error, _ in refusals} == {grpc.StatusCode.UNAVAILABLE}
    engine.gate.release(10_000)
    responses = [response async for response in stream]
    assert responses[-1].result.hypotheses[0].text == TEXT
    assert await stopping


async def test_a_watch_that_is_opened_again_does_not_delay_the_end(
    channel: grpc.aio.Channel, server: Server
) -> None:
    """Clients that watch health again as soon as their watch ends get UNAVAILABLE once more."""
    health: Any = health_pb2_grpc.HealthStub(channel)
    stopping = asyncio.create_task(server.stop())
    await until(lambda: server._drain._draining)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in health.Watch(health_pb2.HealthCheckRequest()):
            pass
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    async with asyncio.timeout(20):
        assert await stopping
