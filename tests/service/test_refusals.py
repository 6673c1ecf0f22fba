"""Refused calls, over a real connection: bad input, overload, a failing engine."""

import threading
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call

from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events, until
from tests.service.conftest import CopyingEngine, refusal


@pytest.mark.parametrize(
    ("fields", "code", "field", "reason"),
    [
        ({"text": ""}, grpc.StatusCode.INVALID_ARGUMENT, "text", "empty"),
        ({"text": " \t\n"}, grpc.StatusCode.INVALID_ARGUMENT, "text", "empty"),
        ({"text": "\u200b"}, grpc.StatusCode.INVALID_ARGUMENT, "text", "empty"),
        ({"text": "나는\0"}, grpc.StatusCode.INVALID_ARGUMENT, "text", "NUL at character 2"),
        ({"text": "나" * 301}, grpc.StatusCode.INVALID_ARGUMENT, "text", "300 are allowed"),
        (
            {"text": "나" * 1_000_000},
            grpc.StatusCode.INVALID_ARGUMENT,
            "text",
            "3000005 bytes",
        ),
        ({"text": TEXT, "model": "x"}, grpc.StatusCode.NOT_FOUND, "model", "copy"),
        ({"text": TEXT, "model": "모델" * 3000}, grpc.StatusCode.NOT_FOUND, "model", "copy"),
        (
            {"text": TEXT, "decoding": {"target_prefix": "나" * 1_000_000}},
            grpc.StatusCode.INVALID_ARGUMENT,
            "decoding.target_prefix",
            "only 280928 are allowed; shorten decoding.target_prefix",
        ),
        (
            {"text": TEXT, "decoding": {"max_tokens": 0}},
            grpc.StatusCode.INVALID_ARGUMENT,
            "decoding.max_tokens",
            "1 to 50",
        ),
        (
            {"text": TEXT, "decoding": {"max_tokens": 51}},
            grpc.StatusCode.INVALID_ARGUMENT,
            "decoding.max_tokens",
            "1 to 50",
        ),
        ({"text": TEXT, "attention": 9}, grpc.StatusCode.INVALID_ARGUMENT, "attention", "9"),
    ],
)
async def test_bad_input_is_refused(
    stub: Any,
    fields: dict[str, object],
    code: grpc.StatusCode,
    field: str,
    reason: str,
) -> None:
    """Bad input is refused with a status, the name of the field and a reason in one sentence."""
    error, named = await refusal(stub.Translate(pb.TranslateRequest(**fields)))  # type: ignore[arg-type]
    assert (error.code(), named) == (code, [field])
    assert reason in (error.details() or "")


async def test_overload_has_a_retry_delay(stub: Any, engine: CopyingEngine, server: Server) -> None:
    """When rows and queue are full, a call immediately gets RESOURCE_EXHAUSTED with RetryInfo."""
    engine.gate = threading.Semaphore(0)
    calls = [stub.Translate(pb.TranslateRequest(text=TEXT))]
    await anext(aiter(calls[0]))
    await until(lambda: engine.encoded == 1)
    for _ in range(4):
        calls.append(stub.Translate(pb.TranslateRequest(text=TEXT)))
        await anext(aiter(calls[-1]))
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await anext(aiter(call))
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    retry = error_details_pb2.RetryInfo()
    status = from_call(caught.value)  # type: ignore[arg-type]
    assert status is not None
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.ToSeconds() == 1
    for call in calls:
        call.cancel()


async def test_a_failing_engine_is_an_internal_error(stub: Any, engine: CopyingEngine) -> None:
    """If the engine fails, a call gets INTERNAL without details; the next one is served."""
    engine.failing = True
    error, _ = await refusal(stub.Translate(pb.TranslateRequest(text=TEXT)))
    assert error.code() == grpc.StatusCode.INTERNAL
    assert "fire" not in (error.details() or "")
    await events(stub, text=TEXT)
