"""Nodes that multiply in int8, and their constants."""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from jumok.export.columns import quantized_columns

MICROSOFT: Final = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""

_SMALLEST: Final = 4096  # elements of a weight; smaller ones are not faster in int8


class Int8Products:
    """Collects nodes: embedding look-ups and matrix products by weights, both in int8.

    Attributes:
        constants: constants of the float32 graph, by name.
        nodes: nodes so far; the caller adds its own.
        added: constants that the new nodes read, by name.
    """

    def __init__(self, constants: dict[str, NDArray[Any]]) -> None:
        self.constants = constants
        self.nodes: list[onnx.NodeProto] = []
        self.added: dict[str, NDArray[Any]] = {}
        self._rows: dict[str, tuple[str, str]] = {}
        self._tables: dict[str, str] = {}  # names of transposed tables to names of tables

    def is_weight(self, name: str) -> bool:
        """Tell whether a name is that of a weight large enough for int8."""
        weight = self.constants.get(name)
        return weight is not None and weight.ndim == 2 and weight.size >= _SMALLEST

    def transpose(self, node: onnx.NodeProto) -> None:
        """Add a node that transposes a weight."""
        name, output = node.input[0], node.output[0]
        self.constants[output] = self.constants[name].T
        self._tables[output] = name
        self.nodes.append(node)

    def look_up(self, name: str, ids: str, output: str) -> None:
        """Add the nodes that look up rows of a table [rows, columns]."""
        table, scales = self._table(name)
        parts = {part: f"{output}_row_{part}" for part in ("int8", "float", "scale", "column")}
        self.nodes += [
            helper.make_node("Gather", [table, ids], [parts["int8"]]),
            helper.make_node("Cast", [parts["int8"]], [parts["float"]], to=TensorProto.FLOAT),
            helper.make_node("Gather", [scales, ids], [parts["scale"]]),
            helper.make_node("Unsqueeze", [parts["scale"], self._last_axis()], [parts["column"]]),
            helper.make_node("Mul", [parts["float"], parts["column"]], [output]),
        ]

    def multiply(self, left: str, name: str, weight: NDArray[Any], output: str) -> None:
        """Add the nodes that multiply a value, or a table, by a weight.

        Args:
            left: name of the value, float32 [..., rows, inner].
            name: name of the weight.
            weight: the weight, float32 [inner, columns].
            output: name of the product, float32 [..., rows, columns].
        """
        multiply = self._multiply_table if self.is_weight(left) else self._multiply_rows
        multiply(left, name, weight, output)

    def constant(self, name: str, array: Any) -> str:
        """Add a constant unless there is one of that name, and return the name."""
        self.added.setdefault(name, np.asarray(array))
        return name

    def _multiply_rows(self, left: str, name: str, weight: NDArray[Any], output: str) -> None:
        """Add the nodes that multiply float32 [..., rows, inner] by a weight [inner, columns]."""
        rows, scale = self._quantized_rows(left)
        if name in self._tables:  # share the integers with the look-up
            table, steps = self._table(self._tables[name])
            columns = f"{name}_int8"
            self.nodes.append(helper.make_node("Transpose", [table], [columns]))
        else:
            integers, scales = quantized_columns(weight)
            columns = self.constant(f"{name}_int8", integers)
            steps = self.constant(f"{name}_scale", scales)
        product = f"{output}_by_row"
        self.nodes += [
            helper.make_node(
                "MatMulIntegerToFloat",
                [rows, columns, self.constant("int8_one", np.float32(1)), steps, self._middle()],
                [product],
                domain=MICROSOFT,
            ),
            helper.make_node("Mul", [product, scale], [output]),
        ]

    def _multiply_table(self, table: str, name: str, weight: NDArray[Any], output: str) -> None:
        """Add the nodes that multiply a table by a weight in float32, when the graph is loaded."""
        rows, row_scales = self._table(table)
        integers, scales = quantized_columns(weight)
        column = f"{output}_row_scales"
        self.nodes.append(helper.make_node("Unsqueeze", [row_scales, self._last_axis()], [column]))
        factors = []
        for numbers, scale in (
            (rows, column),
            (self.constant(f"{name}_int8", integers), self.constant(f"{name}_scale", scales)),
        ):
            wide, factor = (f"{output}_{numbers}_{part}" for part in ("float", "scaled"))
            self.nodes += [
                helper.make_node("Cast", [numbers], [wide], to=TensorProto.FLOAT),
                helper.make_node("Mul", [wide, scale], [factor]),
            ]
            factors.append(factor)
        self.nodes.append(helper.make_node("MatMul", factors, [output]))

    def _table(self, name: str) -> tuple[str, str]:
        """Quantize a table by row; return the names of its integers and scales."""
        integers, scales = quantized_columns(self.constants[name].T)
        return (
            self.constant(f"{name}_rows_int8", np.ascontiguousarray(integers.T)),
            self.constant(f"{name}_rows_scale", scales),
        )

    def _quantized_rows(self, name: str) -> tuple[str, str]:
        """Add the nodes that quantize each row of a tensor; return names of integers and scales."""
        if name not in self._rows:
            parts = {
                part: f"{name}_{part}" for part in ("size", "largest", "bounded", "scale", "steps")
            }
            numbers = f"{name}_uint8"
            self.nodes += [
                helper.make_node("Abs", [name], [parts["size"]]),
                helper.make_node(
                    "ReduceMax",
                    [parts["size"], self._last_axis()],
                    [parts["largest"]],
                    keepdims=1,
                ),
                # a row of zeros must not have a scale of 0
                helper.make_node(
                    "Max",
                    [parts["largest"], self.constant("int8_least", np.float32(1e-9))],
                    [parts["bounded"]],
                ),
                helper.make_node(
                    "Div",
                    [parts["bounded"], self.constant("int8_most", np.float32(127))],
                    [parts["scale"]],
                ),
                helper.make_node("Div", [name, parts["scale"]], [parts["steps"]]),
                helper.make_node(
                    "QuantizeLinear",
                    [parts["steps"], self.constant("int8_one", np.float32(1)), self._middle()],
                    [numbers],
                ),
            ]
            self._rows[name] = numbers, parts["scale"]
        return self._rows[name]

    def _last_axis(self) -> str:
        return self.constant("int8_last_axis", np.array([-1]))

    def _middle(self) -> str:
        return self.constant("int8_zero", np.uint8(128))
