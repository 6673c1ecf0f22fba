"""Limits on the size of requests, checked before they are parsed.

Parsing holds the event loop, and costs time and memory for every field, known or not.
"""

from dataclasses import dataclass
from typing import Final

from google.protobuf.descriptor import Descriptor

from jumok.service.errors import InvalidRequestError
from jumok.service.malformed import explain, string_fields
from jumok.service.message_fields import message_fields

MOST_TEXTS: Final = 1000
"""The most texts of a batch."""

_SMALL: Final = 16 * 2**10
"""Bytes that are parsed fast, whatever they contain; also the room for everything but texts."""

_LONGEST_CHARACTER: Final = 4  # bytes, in UTF-8
_MOST_LONG_TEXTS: Final = 2  # such as `source` and `target`
_MOST_OTHERS: Final = 500  # fields that are not texts
_GLOSSARY: Final = 256 * 2**10
"""Room for terms of a glossary and for protected spans, in bytes."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits on the size of a request.

    Attributes:
        max_request_bytes: maximum size of any request.
        max_text_characters: maximum length of a text, in code points.
    """

    max_request_bytes: int
    max_text_characters: int

    def check(self, content: bytes, request: Descriptor) -> None:
        """Check that a serialized request of type `request` can be parsed fast.

        Raises:
            InvalidRequestError: it is larger than its texts can make it, or has too many fields.
        """
        if len(content) <= _SMALL:
            return
        text_bytes = _LONGEST_CHARACTER * self.max_text_characters
        texts = next((field for field in request.fields if field.name in ("text", "texts")), None)
        longest = self.max_request_bytes
        if texts is None or not texts.is_repeated:
            longest = min(longest, _MOST_LONG_TEXTS * text_bytes + _SMALL)
            longest += 0 if texts is None else _GLOSSARY
        if len(content) > longest:
            raise _too_large(content, request, longest)
        if texts is not None:
            _check_fields(content, request, texts.number, text_bytes + _GLOSSARY)


def _check_fields(content: bytes, request: Descriptor, texts: int, room: int) -> None:
    """Check the numbers of texts and of other fields, and the bytes of the others."""
    counts = {True: 0, False: 0}
    place = 0
    for field in message_fields(content, 0, len(content)):
        is_text = field.number == texts and field.delimited
        counts[is_text] += 1
        if not is_text:
            room -= field.end - field.start
        if counts[True] > MOST_TEXTS:
            name = request.fields_by_number[texts].name
            raise InvalidRequestError(
                name, f"there are more than {MOST_TEXTS} texts; send 1 to {MOST_TEXTS}"
            )
        if counts[False] > _MOST_OTHERS or room < 0:
            raise InvalidRequestError("", f"no {request.full_name} has so many other fields")
        place = field.end
    if place < len(content):
        raise InvalidRequestError(*explain(content, request))


def _too_large(content: bytes, request: Descriptor, longest: int) -> InvalidRequestError:
    """Name the longest text of a request that is too large."""
    size = f"the request has {len(content)} bytes, but only {longest} are allowed"
    longest_text = max(
        string_fields(content, request), key=lambda text: text.end - text.start, default=None
    )
    if longest_text is None:
        return InvalidRequestError("", size)
    return InvalidRequestError(longest_text.path, f"{size}; shorten {longest_text.path}")
