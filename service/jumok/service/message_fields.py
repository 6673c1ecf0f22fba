"""The fields of a serialized protobuf message, found without parsing it.

Parsing costs time and memory for every field, known or not, so a large message is looked at first.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_VARINT: Final = 0
_EIGHT_BYTES: Final = 1
_LENGTH_DELIMITED: Final = 2
_FOUR_BYTES: Final = 5
_LONGEST_VARINT: Final = 10


class MessageField(NamedTuple):
    """One field of a message.

    Attributes:
        number: its number in the .proto.
        start: where its value begins.
        end: where its value ends, exclusive.
        delimited: whether it is a string, bytes or a message.
    """

    number: int
    start: int
    end: int
    delimited: bool


def message_fields(content: bytes, start: int, end: int) -> Iterator[MessageField]:
    """Yield the fields of the message from `start` to `end`, up to the first that is malformed.

    Groups, which no message of ours has, are treated as malformed.
    """
    place = start
    while place < end:
        key, place = _varint(content, place, end)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            first, (_, place) = place, _varint(content, place, end)
        elif kind == _LENGTH_DELIMITED:
            length, first = _varint(content, place, end)
            place = first + length
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            first, place = place, place + (8 if kind == _EIGHT_BYTES else 4)
        else:
            return
        if place > end:
            return
        yield MessageField(number, first, place, kind == _LENGTH_DELIMITED)


def _varint(content: bytes, place: int, end: int) -> tuple[int, int]:
    """Return the varint at `place` and where it ends; beyond `end` if it is malformed."""
    if place < end and content[place] < 0x80:  # most are of one byte
        return content[place], place + 1
    value = shift = 0
    for position in range(place, min(end, place + _LONGEST_VARINT)):
        byte = content[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + 1
        shift += 7
    return 0, end + 1
