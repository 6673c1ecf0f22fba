"""One log line for each call, and the request id."""

import asyncio
import re
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from structlog.testing import capture_logs

from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, until
from tests.service.conftest import CopyingEngine, refusal

Log = list[Any]


@pytest.fixture
def log() -> Iterator[Log]:
    with capture_logs() as lines:
        yield lines


def trailing(call: Any) -> Any:
    return call.trailing_metadata()


async def test_a_translation_has_one_line(stub: Any, log: Log) -> None:
    """It has the request's id, sizes, durations and status."""
    call = stub.Translate(pb.TranslateRequest(text=TEXT), metadata=(("x-request-id", "run-7/3"),))
    responses = [response async for response in call]
    [line] = log

    assert line["log_level"] == "info"
    assert line["request_id"] == "run-7/3"
    assert line["method"] == "/jumok.v1.TranslationService/Translate"
    assert line["model"] == "copy"
    assert re.match(r"ipv[46]:", line["caller"])
    assert line["status"] == "OK"
    assert line["texts"] == 1
    assert line["characters"] == len(TEXT)
    assert line["source_tokens"] == len(responses[0].source.tokens) - 1
    tokens = sum(len(response.tokens.tokens) for response in responses)
    assert line["target_tokens"] == tokens + 1  # with the end
    assert 0 <= line["queued_seconds"] <= line["first_token_seconds"] <= line["total_seconds"]


async def test_a_batch_counts_its_texts(stub: Any, log: Log) -> None:
    """The sizes of a batch are sums, including refused texts."""
    await stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT, "", TEXT]))

    assert log[0]["texts"] == 3
    assert log[0]["characters"] == 2 * len(TEXT)
    assert log[0]["status"] == "OK"


@pytest.mark.parametrize("sent", ["", "two words", "a" * 129, '"', "\\n"])
async def test_an_unfit_request_id_is_replaced(stub: Any, log: Log, sent: str) -> None:
    """The caller gets a new id, and so does the log."""
    call = stub.GetModel(pb.GetModelRequest(), metadata=(("x-request-id", sent),))
    await call
    returned = dict(await call.trailing_metadata())["x-request-id"]

    assert re.fullmatch(r"[0-9a-f]{32}", returned)
    assert log[0]["request_id"] == returned


async def test_a_refusal_returns_the_request_id(stub: Any, log: Log) -> None:
    """An error has both the request id and its details; its line has its status."""
    call = stub.Translate(pb.TranslateRequest(text=""), metadata=(("x-request-id", "id-1"),))
    error, fields = await refusal(call)

    assert fields == ["text"]
    assert dict(error.trailing_metadata())["x-request-id"] == "id-1"
    assert [line["status"] for line in log] == ["INVALID_ARGUMENT"]


async def test_cancelled_and_expired_calls_have_lines(
    stub: Any, log: Log, engine: CopyingEngine
) -> None:
    """Their status tells one from the other."""
    engine.gate = threading.Semaphore(1)
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    await anext(aiter(call))
    call.cancel()
    await until(lambda: len(log) == 1)
    with pytest.raises(grpc.aio.AioRpcError):
        async for _ in stub.Translate(pb.TranslateRequest(text=TEXT), timeout=0.3):
            pass
    await until(lambda: len(log) == 2)
    engine.gate.release(10_000)

    assert [line["status"] for line in log] == ["CANCELLED", "DEADLINE_EXCEEDED"]
    assert log[0]["total_seconds"] < log[1]["total_seconds"] + 20


async def test_failures_of_ours_are_errors(stub: Any, log: Log, engine: CopyingEngine) -> None:
    """A call that the engine fails has a line at level error."""
    engine.failing = True
    await refusal(stub.Translate(pb.TranslateRequest(text=TEXT)))
    lines = [line for line in log if line["event"] == "call"]

    assert [(line["log_level"], line["status"]) for line in lines] == [("error", "INTERNAL")]


async def test_health_checks_are_logged_at_debug(channel: grpc.aio.Channel, log: Log) -> None:
    """Probes do not fill the log."""
    stub: Any = health_pb2_grpc.HealthStub(channel)
    await stub.Check(health_pb2.HealthCheckRequest())

    assert [line["log_level"] for line in log] == ["debug"]


async def test_requests_that_are_no_message_have_lines(channel: grpc.aio.Channel, log: Log) -> None:
    """Neither our methods nor those of the health service let a malformed call go unlogged."""
    for method in ("/jumok.v1.TranslationService/GetModel", "/grpc.health.v1.Health/Check"):
        with pytest.raises(grpc.aio.AioRpcError):
            call: Any = channel.unary_unary(method)
            await call(b"\xff")
    await asyncio.sleep(0)

    assert [line["status"] for line in log] == ["INVALID_ARGUMENT", "INTERNAL"]
