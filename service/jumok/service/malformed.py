"""Explains why a request cannot be parsed."""

from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

_LENGTH_DELIMITED: Final = 2


def explain(content: bytes, request: Descriptor) -> tuple[str, str]:
    """Return the string field that is not UTF-8, or "" for the whole message, and the reason."""
    for field in _fields(content):
        descriptor = request.fields_by_number.get(field.field_number)
        if (
            descriptor is not None
            and descriptor.type == FieldDescriptor.TYPE_STRING
            and field.wire_type == _LENGTH_DELIMITED
        ):
            try:
                field.data.decode()
            except UnicodeDecodeError as error:
                reason = f"byte {error.start} is not UTF-8 (a lone surrogate is not either)"
                return descriptor.name, f"{descriptor.name} is not Unicode text: {reason}"
    return "", f"the request is not a protobuf message {request.full_name}"


def _fields(content: bytes) -> list[Any]:
    try:
        fields: Any = UnknownFieldSet(Empty.FromString(content))  # iterable, unlike its stub
        return list(fields)
    except DecodeError:
        return []
