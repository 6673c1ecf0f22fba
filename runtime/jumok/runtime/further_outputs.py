"""Further outputs of an ONNX graph: tensors inside it that are returned as well.

Concatenating serialized protobuf messages merges them: a message that is appended to a graph adds
to its outputs, so neither ONNX nor protobuf is a dependency of this package.
"""

from collections.abc import Iterable
from typing import Final

# fields of ModelProto, GraphProto and ValueInfoProto
_GRAPH: Final = 7
_OUTPUT: Final = 12
_NAME: Final = 1


def with_outputs(graph: bytes, names: Iterable[str]) -> bytes:
    """Return a serialized ModelProto that returns the tensors `names` after its own outputs.

    ONNX Runtime infers their types and shapes when it opens the graph.
    """
    outputs = (_field(_OUTPUT, _field(_NAME, name.encode())) for name in names)
    return graph + _field(_GRAPH, b"".join(outputs))


def _field(number: int, content: bytes) -> bytes:
    """Serialize a length-delimited field with a number below 16."""
    length, size = len(content), bytearray()
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([number << 3 | 2, *size, length]) + content
