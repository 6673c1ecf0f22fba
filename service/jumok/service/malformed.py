"""Explains why a request cannot be parsed, from a bounded number of its fields."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from jumok.service.message_fields import message_fields

_MOST_FIELDS: Final = 1100  # looked at, which takes some milliseconds; a batch has 1,000 texts


class StringField(NamedTuple):
    """A string of a request: its path in the .proto, such as `texts[3]`, and where it is."""

    path: str
    start: int
    end: int


def explain(content: bytes, request: Descriptor) -> tuple[str, str]:
    """Return the string field that is not UTF-8, or "" for the whole message, and the reason."""
    for path, start, end in string_fields(content, request):
        try:
            content[start:end].decode()
        except UnicodeDecodeError as error:
            reason = f"byte {error.start} is not UTF-8 (a lone surrogate is not either)"
            return path, f"{path} is not Unicode text: {reason}"
    return "", f"the request is not a protobuf message {request.full_name}"


def string_fields(content: bytes, request: Descriptor) -> Iterator[StringField]:
    """Yield the strings among the first fields of a request and of the messages in it."""
    return _strings(content, request, "", 0, len(content))


def _strings(
    content: bytes, message: Descriptor, prefix: str, start: int, end: int
) -> Iterator[StringField]:
    repeated = 0
    for field in islice(message_fields(content, start, end), _MOST_FIELDS):
        descriptor = message.fields_by_number.get(field.number)
        if descriptor is None or not field.delimited:
            continue
        path = prefix + descriptor.name
        if descriptor.type == FieldDescriptor.TYPE_STRING:
            if descriptor.is_repeated:
                path, repeated = f"{path}[{repeated}]", repeated + 1
            yield StringField(path, field.start, field.end)
        elif (inner := descriptor.message_type) is not None and not prefix:
            yield from _strings(content, inner, f"{path}.", field.start, field.end)
