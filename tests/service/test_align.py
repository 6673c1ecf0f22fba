"""Align, over a real connection."""

import math
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call

from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT


@pytest.mark.parametrize("rule", pb.AlignmentRule.values())
async def test_align(stub: Any, rule: Any) -> None:
    """A translation is scored token by token, including the end, and aligned by the given rule."""
    response = await stub.Align(pb.AlignRequest(source=TEXT, target=TEXT, rule=rule))
    assert response.rule == (rule or pb.ALIGNMENT_RULE_POSTERIOR)
    tokens = list(response.tokens)
    assert len(tokens) == len(response.source.tokens)
    assert tokens[-1].piece == "</s>"
    assert "".join(token.text for token in tokens) == TEXT
    assert [token.best_position for token in tokens] == list(range(len(tokens)))
    assert all(token.log_prob == pytest.approx(-0.5) for token in tokens)
    assert response.log_prob == pytest.approx(-0.5 * len(tokens))
    assert response.perplexity == pytest.approx(math.exp(0.5))
    assert [TEXT[word.start : word.end] for word in response.words] == TEXT.split()
    links = [(link.source_word, link.target_word) for link in response.alignment]
    if rule != pb.ALIGNMENT_RULE_READS:
        assert links == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"source": "", "target": TEXT}, "source"),
        ({"source": TEXT, "target": " "}, "target"),
        ({"source": TEXT, "target": "나" * 51}, "target"),
        ({"source": TEXT, "target": TEXT, "rule": 9}, "rule"),
        ({"source": TEXT, "target": TEXT, "attention": 9}, "attention"),
    ],
)
async def test_bad_pairs_are_refused(stub: Any, fields: dict[str, Any], field: str) -> None:
    """An invalid text is reported with its field."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Align(pb.AlignRequest(**fields))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    status = from_call(caught.value)  # type: ignore[arg-type]
    bad = error_details_pb2.BadRequest()
    assert status is not None
    assert status.details[0].Unpack(bad)
    assert bad.field_violations[0].field == field
