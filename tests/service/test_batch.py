"""TranslateBatch, over a real connection."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call

from jumok.service.batch_admission import BatchAdmission
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.response_size import TokenBytes
from jumok.service.server import Server
from jumok.service.servicer import TranslationServicer
from jumok.service.translator import Translator
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, until
from tests.service.conftest import CopyingEngine


async def test_too_many_batched_texts_are_refused(
    stub: Any, engine: CopyingEngine, config: ServiceConfig
) -> None:
    """A batch beyond its caller's share, half the limit, is refused; the others complete."""
    engine.gate = threading.Semaphore(0)
    calls = [
        asyncio.ensure_future(stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT] * 12)))
        for _ in range(3)
    ]
    done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    assert config.max_batched == 50
    assert (len(done), len(waiting)) == (1, 2)
    error = done.pop().exception()
    assert isinstance(error, grpc.aio.AioRpcError)
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "texts of your batches are in progress" in (error.details() or "")
    engine.gate.release(10_000)
    for call in waiting:
        assert len((await call).items) == 12
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


async def test_a_batch_sends_no_rows_of_attention_by_default(stub: Any) -> None:
    """Without a wish, the tokens of a batch have the position of the largest weight only."""
    response = await stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT]))
    token = response.items[0].translation.result.hypotheses[0].tokens[0]
    assert token.HasField("best_position")
    assert not token.attention
    assert not token.attention_bytes


async def test_a_batch_with_too_large_a_response_is_refused_before_any_work(
    stub: Any, engine: CopyingEngine
) -> None:
    """The error names the field to reduce."""
    decoding = {"beam_search": {"width": 16, "num_hypotheses": 16}, "min_tokens": 50}
    request = pb.TranslateBatchRequest(texts=[TEXT] * 50, decoding=decoding)  # type: ignore[arg-type]
    request.decoding.alternatives = 16
    request.attention = pb.ATTENTION_DENSE
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.TranslateBatch(request)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "4.0 MiB are allowed" in (caught.value.details() or "")
    assert engine.encoded == 0


async def test_translations_without_room_fail_alone(
    model: ServedModel, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If translations turn out longer than expected, the response stays within its limit."""
    monkeypatch.setattr("jumok.service.servicer.TYPICAL", TokenBytes(0, 0, 0))
    servicer = TranslationServicer(
        ModelRegistry([model]), Translator(server._delivery), BatchAdmission(99, 16), 9_000
    )
    context: Any = SimpleNamespace(time_remaining=lambda: None, peer=lambda: "Ana")
    request = pb.TranslateBatchRequest(texts=["학교에 갑니다 " * 4] * 9)
    size = (await servicer.TranslateBatch(request, context)).ByteSize()
    assert size <= 9_000
    answer = (await servicer.TranslateBatch(request, context)).SerializeToString()
    items = pb.TranslateBatchResponse.FromString(answer).items
    failures = [item.failure for item in items if item.HasField("failure")]
    assert 0 < len(failures) < len(items)
    assert {failure.code for failure in failures} == {grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]}


async def test_each_text_is_sampled_with_a_seed_of_its_own(stub: Any) -> None:
    """Unless the request gives a seed."""
    for decoding, seeds in (({"sampling": {}}, 5), ({"sampling": {"seed": 7}}, 1)):
        request = pb.TranslateBatchRequest(texts=[TEXT] * 5, decoding=decoding)  # type: ignore[arg-type]
        response = await stub.TranslateBatch(request)
        assert len({item.translation.result.seed for item in response.items}) == seeds
