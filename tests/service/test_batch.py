"""TranslateBatch, over a real connection."""

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call
from jumok.v1 import translation_pb2 as pb

from tests.service.calls import TEXT


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
    """What is wrong with a batch as a whole fails it as a whole."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.TranslateBatch(pb.TranslateBatchRequest(**fields))
    assert caught.value.code() == code
    status = from_call(caught.value)  # type: ignore[arg-type]
    bad = error_details_pb2.BadRequest()
    assert status is not None
    assert status.details[0].Unpack(bad)
    assert bad.field_violations[0].field == field
