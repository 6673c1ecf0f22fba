"""Requests that are refused before they are parsed."""

import pytest

from jumok.service.errors import InvalidRequestError
from jumok.service.request_size import RequestLimits
from jumok.v1 import translation_pb2 as pb

LIMITS = RequestLimits(max_request_bytes=2**20, max_text_characters=4000)
TRANSLATE = pb.TranslateRequest.DESCRIPTOR
BATCH = pb.TranslateBatchRequest.DESCRIPTOR
_MOST = 2 * 4 * 4000 + 2**14 + 2**18  # two texts of long characters, other fields, a glossary


def _text(text: str) -> bytes:
    return pb.TranslateRequest(text=text).SerializeToString()


def _texts(*texts: str) -> bytes:
    return pb.TranslateBatchRequest(texts=texts).SerializeToString()


@pytest.mark.parametrize(
    ("content", "request_type"),
    [
        (b"", TRANSLATE),
        (b"\x78\x01" * 2**13, TRANSLATE),
        (pb.TranslateRequest(text="\U00020000" * 4000).SerializeToString(), TRANSLATE),
        (_text("a" * (_MOST - 4)), TRANSLATE),
        (_texts(*["가 나" * 50] * 1000), BATCH),
        (_texts("a" * (2**20 - 4)), BATCH),
    ],
)
def test_requests_up_to_the_limits_are_parsed(content: bytes, request_type: object) -> None:
    """What valid texts can need is allowed."""
    LIMITS.check(content, request_type)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "request_type", "field"),
    [
        (_text("a" * (_MOST - 3)), TRANSLATE, "text"),
        (b"\x78\x01" * 10**6, TRANSLATE, ""),
        (_texts("b", "a" * (2**20 - 6)), BATCH, "texts[1]"),
        (_texts(*["가 나 다 라 마"] * 1001), BATCH, "texts"),
        (b"\x0a\x00" * 2**18, BATCH, "texts"),
        (b"\x1a\x00" * 2**18, BATCH, ""),
        (b"\x78\x01" * 2**18, BATCH, ""),
        (b"\x1a\x80\x80\x11" + b"\x00" * 2**18, BATCH, ""),
        (b"\x52\x00" * 2**17, TRANSLATE, ""),  # entries of a glossary
        (_texts("a" * 2**15) + b"\x7b" + b"\x0a\x00" * 2**18, BATCH, ""),  # a group
    ],
)
def test_larger_requests_are_refused(content: bytes, request_type: object, field: str) -> None:
    """A request that is too large, or has too many fields, is refused with the longest text."""
    with pytest.raises(InvalidRequestError) as refused:
        LIMITS.check(content, request_type)  # type: ignore[arg-type]
    assert refused.value.field == field
