"""The body of a loop in a graph, whose names are separate from those outside."""

from typing import Any

import onnx
from onnx import helper


class LoopBody:
    """Collects the nodes of one iteration; names with a slash refer to values outside."""

    def __init__(self, prefix: str) -> None:
        """Prepend `prefix` to all names."""
        self._prefix = prefix
        self._nodes: list[onnx.NodeProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """Add a node with one output."""
        names = [self._inside(name) for name in inputs]
        self._nodes.append(helper.make_node(kind, names, [self._inside(output)], **attributes))

    def split(self, name: str, parts: list[str], sizes: str | None = None) -> None:
        """Split the features, into equal parts unless `sizes` names their sizes."""
        inputs = [self._inside(name), *([] if sizes is None else [sizes])]
        outputs = [self._inside(part) for part in parts]
        equal: dict[str, Any] = {"num_outputs": len(parts)} if sizes is None else {}
        self._nodes.append(helper.make_node("Split", inputs, outputs, axis=2, **equal))

    def graph(
        self, inputs: dict[str, tuple[int, list[Any]]], outputs: dict[str, tuple[int, list[Any]]]
    ) -> onnx.GraphProto:
        """Make the body from the nodes added.

        Args:
            inputs: element type and shape of the states, then of a slice of each sequence.
            outputs: element type and shape of the same states, then of the outputs to stack.
        """
        read, written = (
            [
                helper.make_tensor_value_info(self._inside(name), kind, shape)
                for name, (kind, shape) in values.items()
            ]
            for values in (inputs, outputs)
        )
        return helper.make_graph(self._nodes, f"{self._prefix}/step", read, written)

    def _inside(self, name: str) -> str:
        return name if "/" in name else f"{self._prefix}/step/{name}"
