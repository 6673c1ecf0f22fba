"""Conversion of responses to plain values."""

import pytest

from jumok.client import responses
from jumok.client.errors import ServerError
from jumok.client.events import Segment, Source, Tokens
from jumok.v1 import translation_pb2 as pb
from tests.client.answers import tokens


@pytest.mark.parametrize("attention", [pb.ATTENTION_DENSE, pb.ATTENTION_DENSE_BYTES])
def test_attention_as_floats_or_bytes(attention: int) -> None:
    """Attention as floats and as bytes gives the same rows."""
    event = responses.event(pb.TranslateResponse(tokens=pb.Tokens(tokens=tokens(attention))))

    assert isinstance(event, Tokens)
    assert event.tokens[0].attention == pytest.approx((0.96, 0.02, 0.01, 0.01))


def test_segments() -> None:
    """Segments and the segment of each token are converted."""
    sent = pb.Segment(start=3, end=7, first_token=2, token_count=4, divided=True)
    event = responses.event(pb.TranslateResponse(source=pb.Source(segments=[pb.Segment(), sent])))
    written = responses.event(pb.TranslateResponse(tokens=pb.Tokens(tokens=[pb.Token(segment=1)])))

    assert isinstance(event, Source)
    assert event.segments[1] == Segment(3, 7, 2, 4, divided=True)
    assert isinstance(written, Tokens)
    assert written.tokens[0].segment == 1


def test_invalid_attention_bytes() -> None:
    """Bytes that are not a whole number of weights raise ServerError."""
    token = pb.Token(attention_bytes=b"\0\0\0")

    with pytest.raises(ServerError, match="3 bytes of attention"):
        responses.event(pb.TranslateResponse(tokens=pb.Tokens(tokens=[token])))


def test_responses_of_a_newer_server() -> None:
    """An unknown finish reason or rule becomes None; an unknown event is an error."""
    result = pb.Result(finish_reason=99)  # type: ignore[arg-type]
    event = responses.event(pb.TranslateResponse(result=result))
    aligned = responses.aligned("", "", pb.AlignResponse(rule=99))  # type: ignore[arg-type]

    assert getattr(event, "finish_reason", None) == "FINISH_REASON_UNSPECIFIED"
    assert aligned.rule == ""
    with pytest.raises(ServerError, match="update the client"):
        responses.event(pb.TranslateResponse())


def test_batch_without_a_translation() -> None:
    """A translation without any hypothesis is an error, not an empty text."""
    with pytest.raises(ServerError, match="incomplete"):
        responses.translation("나는", pb.Translation())
