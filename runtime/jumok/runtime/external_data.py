"""Find tensors whose values an ONNX graph keeps in other files.

ONNX Runtime would read such files wherever they lie, although no sum covers them. This walks the
protobuf messages of a graph that can contain tensors, because neither ONNX nor protobuf is a
dependency of this package.
"""

from collections.abc import Iterator, Mapping
from typing import Final

CHILDREN: Final[Mapping[str, Mapping[int, str]]] = {
    "ModelProto": {7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto"},
    "TrainingInfoProto": {1: "GraphProto", 2: "GraphProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto"},
    "GraphProto": {1: "NodeProto", 5: "TensorProto", 15: "SparseTensorProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: "TensorProto",
        6: "GraphProto",
        10: "TensorProto",
        11: "GraphProto",
        22: "SparseTensorProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: "TensorProto", 2: "TensorProto"},
}
"""The fields of each message that can contain tensors, and their messages."""

_TENSOR: Final = "TensorProto"
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_VARINT, _FIXED64, _LENGTH_DELIMITED, _FIXED32 = 0, 1, 2, 5
_FIXED: Final = {_FIXED64: 8, _FIXED32: 4}
_MOST_FIELDS: Final = 2_000_000  # a few seconds; a graph of jumok has some thousand


def has_external_data(graph: bytes) -> bool:
    """Tell whether any tensor of a serialized ModelProto is external.

    Raises:
        ValueError: it is not a serialized ModelProto, or has too many fields.
    """
    messages = [("ModelProto", 0, len(graph))]
    fields = 0
    while messages:
        message, start, end = messages.pop()
        children = CHILDREN.get(message, {})
        for number, kind, value, place in _fields(graph, start, end):
            fields += 1
            if fields > _MOST_FIELDS:
                raise ValueError(f"it has more than {_MOST_FIELDS} fields")
            if message == _TENSOR and (
                number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value)
            ):
                return True
            if kind == _LENGTH_DELIMITED and number in children:
                messages.append((children[number], place, place + value))
    return False


def _fields(graph: bytes, place: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Return each field's number, wire type, value or length, and the place of its content."""
    while place < end:
        tag, place = _varint(graph, place, end)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, place = _varint(graph, place, end)
            yield number, kind, value, place
            continue
        if kind == _LENGTH_DELIMITED:
            size, place = _varint(graph, place, end)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:  # groups, which ONNX does not have
            raise ValueError("it is not an ONNX graph")
        if tag >= 2**32 or size > end - place:
            raise ValueError("it is not an ONNX graph, or is cut off")
        yield number, kind, size, place
        place += size


def _varint(graph: bytes, place: int, end: int) -> tuple[int, int]:
    """Return the number at a place and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if place == end:
            break
        byte = graph[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("it is not an ONNX graph, or is cut off")
