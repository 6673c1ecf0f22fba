"""Graphs for CUDA that multiply by weights in float16; inputs and outputs stay float32.

The rule is that of PyTorch's autocast: matrix products by weights are in float16, and so are
elementwise and shape operators whose inputs are all float16. Other operators, and those that read a
float32 value, are in float32: the decoder's state, energies, attention and context, and the
computation of log-probabilities from logits. Constants derived from weights alone are computed once
on the CPU, which multiplies in float32 only, and rounded afterwards like weights.
"""

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

_FOLLOWERS: Final = frozenset(
    (
        *("Add", "Mul", "Sub", "Sigmoid", "Tanh"),
        *("Concat", "Expand", "GatherElements", "Identity", "Reshape", "Slice", "Split"),
        *("Squeeze", "Transpose", "Unsqueeze"),
    )
)
"""Operators that keep float16; those not listed here stay in float32."""


def multiply_in_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of a float32 graph with its matrix products by weights in float16.

    Their weights, and embedding tables, are rounded to float16.
    """
    return _Converter(model).run()


class _Converter:
    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        graph = shape_inference.infer_shapes(model, strict_mode=True).graph
        self._weights = {
            tensor.name: tensor
            for tensor in graph.initializer
            if tensor.data_type == TensorProto.FLOAT
        }
        self._floats = self._weights.keys() | {
            value.name
            for value in (*graph.input, *graph.value_info, *graph.output)
            if value.type.tensor_type.elem_type == TensorProto.FLOAT
        }
        self._nodes: list[onnx.NodeProto] = []
        self._rounded: dict[str, onnx.TensorProto] = {}
        self._made: set[str] = set()  # float32 values derived from weights alone, folded on loading
        self._halves: dict[str, str] = {}  # names of the float16 copies of values
        self._half_only: set[str] = set()  # values that do not exist in float32

    def run(self) -> onnx.ModelProto:
        for node in self._model.graph.node:
            if self._is_constant(node):
                self._make(node)
            elif self._halved(node):
                self._halve(node)
            else:
                for name in node.input:
                    self._widen(name)
                self._nodes.append(node)
        graph = self._model.graph
        for output in graph.output:
            self._widen(output.name)
        used = {name for node in self._nodes for name in node.input}
        initializers = [
            tensor
            for tensor in (*graph.initializer, *self._rounded.values())
            if tensor.name in used
        ]
        # without the shapes and types inferred for the float32 graph
        made = helper.make_graph(self._nodes, graph.name, graph.input, graph.output, initializers)
        return helper.make_model(
            made, opset_imports=self._model.opset_import, ir_version=self._model.ir_version
        )

    def _is_constant(self, node: onnx.NodeProto) -> bool:
        """Tell whether a node multiplies or adds only weights, or values derived from them."""
        known = self._weights.keys() | self._made
        return node.op_type in ("MatMul", "Gemm", "Add") and known.issuperset(node.input)

    def _halved(self, node: onnx.NodeProto) -> bool:
        match node.op_type:
            case "MatMul" | "Gemm" | "GRU" | "LSTM":
                return self._is_half(node.input[1])
            case "Gather":
                return self._is_half(node.input[0])
            case kind:
                floats = [name for name in node.input if name in self._floats]
                return kind in _FOLLOWERS and all(map(self._is_half, floats))

    def _is_half(self, name: str) -> bool:
        return name in self._weights or name in self._made or name in self._half_only

    def _make(self, node: onnx.NodeProto) -> None:
        """Add a node in float32 whose weights are stored in float16 and cast."""
        made = onnx.NodeProto()
        made.CopyFrom(node)
        for place, name in enumerate(node.input):
            if name in self._weights:
                made.input[place] = wide = f"{node.output[0]}_{name}"
                half = self._narrow(name)
                self._nodes.append(helper.make_node("Cast", [half], [wide], to=TensorProto.FLOAT))
        self._made.update(node.output)
        self._nodes.append(made)

    def _halve(self, node: onnx.NodeProto) -> None:
        halved = onnx.NodeProto()
        halved.CopyFrom(node)
        halved.input[:] = [self._narrow(name) for name in node.input]
        for place, name in enumerate(node.output):
            if name in self._floats:
                self._halves[name] = halved.output[place] = f"{name}_float16"
                self._half_only.add(name)
        self._nodes.append(halved)

    def _narrow(self, name: str) -> str:
        """Return the name of a value's float16 copy, or of the value itself if it is no float32."""
        if name in self._floats and name not in self._halves:
            half = self._halves[name] = f"{name}_float16"
            if name in self._weights:
                values = numpy_helper.to_array(self._weights[name]).astype(np.float16)
                self._rounded[name] = numpy_helper.from_array(values, half)
            else:
                cast = helper.make_node("Cast", [name], [half], to=TensorProto.FLOAT16)
                self._nodes.append(cast)
        return self._halves.get(name, name)

    def _widen(self, name: str) -> None:
        """Make sure that a value exists in float32."""
        if name in self._half_only:
            cast = helper.make_node("Cast", [self._halves[name]], [name], to=TensorProto.FLOAT)
            self._nodes.append(cast)
            self._half_only.remove(name)
