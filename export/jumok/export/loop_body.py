"""The body of a loop in a graph: nodes whose own names are set apart from those outside."""

from typing import Any

import onnx
from onnx import helper


class LoopBody:
    """Collects the nodes of one step; a name with a slash in it is one from outside."""

    def __init__(self, prefix: str) -> None:
        """Put `prefix` before all names."""
        self._prefix = prefix
        self._nodes: list[onnx.NodeProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """Add a node of one output."""
        names = [self._inside(name) for name in inputs]
        self._nodes.append(helper.make_node(kind, names, [self._inside(output)], **attributes))

    def split(self, name: str, parts: list[str], sizes: str | None = None) -> None:
        """Split the features, into equal parts where no sizes are named."""
        inputs = [self._inside(name), *([] if sizes is None else [sizes])]
        outputs = [self._inside(part) for part in parts]
        equal: dict[str, Any] = {"num_outputs": len(parts)} if sizes is None else {}
        self._nodes.append(helper.make_node("Split", inputs, outputs, axis=2, **equal))

    def graph(
        self, inputs: dict[str, tuple[int, list[Any]]], outputs: dict[str, tuple[int, list[Any]]]
    ) -> onnx.GraphProto:
        """Make the body of what was added; inputs and outputs are of an element type and a shape.

        Its inputs are first the states, then a slice of each sequence; its outputs the same states,
        then what is kept of the step.
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
