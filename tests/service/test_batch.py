"""TranslateBatch, over a real connection."""

import asyncio
import threading
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call

from jumok.service.config import ServiceConfig
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, until
from tests.service.conftest import CopyingEngine


async def test_too_many_batched_texts_are_refused(
    stub: Any, engine: CopyingEngine, config: ServiceConfig
) -> None:
    """A batch that would exceed the limit gets RESOURCE_EXHAUSTED; the others complete."""
    engine.gate = threading.Semaphore(0)
    calls = [
        asyncio.ensure_future(stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT] * count)))
        for count in (30, 20, 1)
    ]
    done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    assert config.max_batched == 50
    assert (len(done), len(waiting)) == (1, 2)
    error = done.pop().exception()
    assert isinstance(error, grpc.aio.AioRpcError)
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "50 texts" in (error.details() or "")
    engine.gate.release(10_000)
    assert sorted([len((await call).items) for call in waiting]) == [20, 30]
    engine.gate = None
    assert len((await stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT]))).items) == 1


async def test_a_stream_does_not_wait_for_batches(
    stub: Any, engine: CopyingEngine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts of batches do not count towards the limit on messages per second."""
    monkeypatch.setattr(server._delivery, "_messages_per_second", 0.5)  # two seconds for each
    engine.gate = threading.Semaphore(0)
    batch = asyncio.ensure_future(stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT] * 10)))
    await until(lambda: engine.encoded > 0)
    stream = aiter(stub.Translate(pb.TranslateRequest(text=TEXT)))
    await anext(stream)
    assert server._delivery._pause() == 2.0
    engine.gate.release(10_000)
    await batch
    assert [response async for response in stream]


async def test_batch(stub: Any) -> None:
    """Each text of a batch gets its translation or its own status, in order."""
    texts = [TEXT, "", "우리는 책을 읽습니다", "나" * 301, *[f"{n} 학교" for n in range(40)]]
    response = await stub.TranslateBatch(pb.TranslateBatchRequest(texts=texts))
    assert len(response.items) == len(texts)
    for text, item in zip(texts, response.items, strict=True):
        if text in ("", "나" * 301):
            assert item.failure.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
            assert item.failure.field == "text"
            assert item.failure.message
        else:
            (hypothesis,) = item.translation.result.hypotheses
            assert hypothesis.text == text
            assert "".join(token.text for token in hypothesis.tokens) == text
            assert len(item.translation.source.tokens) == len(hypothesis.tokens) + 1


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({}, grpc.StatusCode.INVALID_ARGUMENT, "texts"),
        ({"texts": ["나"] * 1001}, grpc.StatusCode.INVALID_ARGUMENT, "texts"),
        ({"texts": ["나"], "model": "x"}, grpc.StatusCode.NOT_FOUND, "model"),
        (
            {"texts": ["나"], "decoding": {"beam_search": {"provisional": True}}},
            grpc.StatusCode.INVALID_ARGUMENT,
            "decoding.beam_search.provisional",
        ),
    ],
)
async def test_bad_batches_are_refused(
    stub: Any, fields: dict[str, Any], code: grpc.StatusCode, field: str
) -> None:
    """An invalid option fails the whole batch."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.TranslateBatch(pb.TranslateBatchRequest(**fields))
    assert caught.value.code() == code
    status = from_call(caught.value)  # type: ignore[arg-type]
    bad = error_details_pb2.BadRequest()
    assert status is not None
    assert status.details[0].Unpack(bad)
    assert bad.field_violations[0].field == field


@pytest.mark.parametrize(
    ("attention", "per_pair"),
    [
        (pb.ATTENTION_NONE, 0),
        (pb.ATTENTION_BEST, 0),
        (pb.ATTENTION_DENSE, 4),
        (pb.ATTENTION_DENSE_BYTES, 4),
    ],
)
async def test_a_response_is_as_large_as_documented(
    stub: Any, attention: pb.Attention.ValueType, per_pair: int
) -> None:
    """A response has between half the size documented in the .proto and that size."""
    request = pb.TranslateBatchRequest(texts=[f"{TEXT} " * 3] * 50, attention=attention)
    response = await stub.TranslateBatch(request)
    translation = response.items[0].translation
    (hypothesis,) = translation.result.hypotheses
    source, target = len(translation.source.tokens), len(hypothesis.tokens)
    assert target > 20
    documented = 30 * source + 50 * target + per_pair * source * target
    assert 0.5 * documented < response.ByteSize() / 50 < documented
