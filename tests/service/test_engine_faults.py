"""Faults of the engine: wrong outputs, hanging steps, an engine that fails from the start."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from jumok.decoding.step_model import Step
from jumok.service.config import ServiceConfig
from jumok.service.engine_check import check_engine
from jumok.service.errors import StartupError
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.calls import TEXT, events, until
from tests.service.conftest import VOCABULARY, CopyingEngine, refusal

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
Fault = Callable[[Step], Step]


def spoilt(values: Any, value: float) -> Any:
    values = np.array(values)
    values.flat[-1] = value
    return values


FAULTS: dict[str, Fault] = {
    "log_probs nan": lambda step: step._replace(log_probs=spoilt(step.log_probs, np.nan)),
    "log_probs inf": lambda step: step._replace(log_probs=spoilt(step.log_probs, -np.inf)),
    "scores nan": lambda step: step._replace(
        scored_log_probs=spoilt(step.scored_log_probs, np.nan)
    ),
    "attention nan": lambda step: step._replace(attention=spoilt(step.attention, np.nan)),
    "id too large": lambda step: step._replace(token_ids=spoilt(step.token_ids, VOCABULARY)),
    "id negative": lambda step: step._replace(token_ids=spoilt(step.token_ids, -1)),
    "no candidates": lambda step: step._replace(
        token_ids=step.token_ids[:, :, :0], log_probs=step.log_probs[:, :, :0]
    ),
    "attention too narrow": lambda step: step._replace(attention=step.attention[:, :, :2]),
    "a row too many": lambda step: step._replace(
        token_ids=np.repeat(step.token_ids, 2, axis=0),
        log_probs=np.repeat(step.log_probs, 2, axis=0),
    ),
}


@pytest.fixture
def config(config: ServiceConfig) -> ServiceConfig:
    return config.model_copy(update={"step_seconds": 0.5, "drain_seconds": 2})


async def becomes(channel: grpc.aio.Channel, status: Any) -> None:
    """Wait until the health of the server is `status`."""
    health: Any = health_pb2_grpc.HealthStub(channel)
    async with asyncio.timeout(20):
        while (await health.Check(health_pb2.HealthCheckRequest())).status != status:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def inject(engine: CopyingEngine, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    step = engine.step
    monkeypatch.setattr(engine, "step", lambda inputs: fault(step(inputs)))


@pytest.mark.parametrize("name", FAULTS)
async def test_a_wrong_output_is_internal(
    channel: grpc.aio.Channel,
    stub: Any,
    engine: CopyingEngine,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """An output that cannot be right fails the call, and health, until a step succeeds."""
    with monkeypatch.context() as patch:
        inject(engine, patch, FAULTS[name])
        error, _ = await refusal(stub.Translate(pb.TranslateRequest(text=TEXT)))
        assert error.code() == grpc.StatusCode.INTERNAL
        await becomes(channel, NOT_SERVING)
    await events(stub, text=TEXT)
    await becomes(channel, SERVING)


async def test_a_hanging_step_ends_calls(
    channel: grpc.aio.Channel, stub: Any, engine: CopyingEngine
) -> None:
    """While a step hangs, calls get UNAVAILABLE and health is NOT_SERVING; later all is well."""
    engine.gate = threading.Semaphore(1)
    running = asyncio.ensure_future(refusal(stub.Translate(pb.TranslateRequest(text=TEXT))))
    await becomes(channel, NOT_SERVING)
    late = stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT]))
    assert (await running)[0].code() == grpc.StatusCode.UNAVAILABLE
    assert (await late).items[0].failure.code == grpc.StatusCode.UNAVAILABLE.value[0]
    error, _ = await refusal(stub.Translate(pb.TranslateRequest(text=TEXT)))
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    engine.gate.release(10_000)
    await becomes(channel, SERVING)
    await events(stub, text=TEXT)


async def test_a_hanging_step_does_not_prevent_the_end(
    model: ServedModel, config: ServiceConfig, engine: CopyingEngine
) -> None:
    """With a step that never returns, the server stops in time and says that the engine hangs."""
    engine.gate = threading.Semaphore(0)
    server = Server(config, ModelRegistry([model]))
    await server.start()
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        stub: Any = TranslationServiceStub(channel)
        running = asyncio.ensure_future(refusal(stub.Translate(pb.TranslateRequest(text=TEXT))))
        await until(lambda: engine.encoded > 0)
        async with asyncio.timeout(20):
            assert not await server.stop()
        assert (await running)[0].code() == grpc.StatusCode.UNAVAILABLE
    engine.gate.release(10_000)


@pytest.mark.parametrize("name", ["log_probs nan", "id too large"])
def test_a_new_engine_must_translate_a_test_sentence(
    model: ServedModel, engine: CopyingEngine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """An engine whose outputs are wrong does not start, with the reason in one sentence."""
    check_engine(model)
    inject(engine, monkeypatch, FAULTS[name])
    with pytest.raises(StartupError, match="the model copy fails on a test sentence: a"):
        check_engine(model)


def test_a_new_engine_that_raises_does_not_start(model: ServedModel) -> None:
    """An engine that raises does not start."""
    broken = CopyingEngine()
    broken.failing = True
    with pytest.raises(StartupError, match="the device is on fire"):
        check_engine(replace(model, engine=broken))  # type: ignore[arg-type]
