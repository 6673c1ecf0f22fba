"""Graphs that multiply in int8: weights by column, activations by row as they come.

A row is quantized by its own largest value (dynamic quantization, but for each row instead of for
the whole tensor), so that what a sentence gets does not depend on what it is batched with, and
nothing has to be calibrated. Sums are exact integers, whatever the size of the batch and the
processor. What is multiplied once, when the graph is opened, is multiplied in float32.
"""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from export.columns import quantized_columns
from export.recurrence import Recurrence
from training.ranked_step import LARGEST_TABLE

_SMALLEST: Final = 4096  # elements of a weight; below that it gains nothing
_MICROSOFT: Final = "com.microsoft"
_TURNED_LOOK_UP: Final = ("Transpose", "Gather")  # of embeddings, time first


def quantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph of float32 with its products by weights in int8.

    Recurrent ops become loops over a step of theirs, for they have no int8 of their own. Tables
    are looked up in int8, too, each row with a scale of its own: a table that a generator shares is
    stored once. What is made of weights alone is stored as its factors, which are multiplied when
    the graph is opened; so is what a loop makes of embeddings.
    """
    return _Quantizer(model).run()


class _Quantizer:
    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self._constants = {
            tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer
        }
        self._makers = {name: node for node in model.graph.node for name in node.output}
        self._nodes: list[onnx.NodeProto] = []
        self._added: dict[str, NDArray[Any]] = {}
        self._rows: dict[str, tuple[str, str]] = {}
        self._tables: dict[str, str] = {}  # what is a table, transposed

    def run(self) -> onnx.ModelProto:
        for node in self._model.graph.node:
            match node.op_type:
                case "Transpose" if self._is_weight(node.input[0]):
                    self._constants[node.output[0]] = self._constants[node.input[0]].T
                    self._tables[node.output[0]] = node.input[0]
                    self._nodes.append(node)
                case "Gather" if self._is_weight(node.input[0]):
                    self._look_up(node.input[0], node.input[1], node.output[0])
                case "MatMul" if self._is_weight(node.input[1]):
                    weight = self._constants[node.input[1]]
                    self._product(node.input[0], node.input[1], weight, node.output[0])
                case "Gemm" if self._is_weight(node.input[1]):
                    self._gemm(node)
                case "GRU" | "LSTM":
                    self._recurrence(node)
                case _:
                    self._nodes.append(node)
        graph = self._model.graph
        nodes = _needed(self._nodes, [output.name for output in graph.output])
        used = _used(nodes)
        initializers = [tensor for tensor in graph.initializer if tensor.name in used]
        initializers += [
            numpy_helper.from_array(array, name)
            for name, array in self._added.items()
            if name in used
        ]
        # without what was inferred for the graph of float32
        made = helper.make_graph(nodes, graph.name, graph.input, graph.output, initializers)
        return helper.make_model(
            made,
            opset_imports=[*self._model.opset_import, helper.make_opsetid(_MICROSOFT, 1)],
            ir_version=self._model.ir_version,
        )

    def _is_weight(self, name: str) -> bool:
        weight = self._constants.get(name)
        return weight is not None and weight.ndim == 2 and weight.size >= _SMALLEST

    def _gemm(self, node: onnx.NodeProto) -> None:
        given = {
            attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute
        }
        factors = given.get("alpha", 1.0), given.get("beta", 1.0), given.get("transA", 0)
        assert factors == (1.0, 1.0, 0), f"{node.name}: a Gemm that no exporter of ours writes"
        weight = self._constants[node.input[1]]
        output, bias = node.output[0], node.input[2:]
        product = f"{output}_product" if bias else output
        self._product(
            node.input[0], node.input[1], weight.T if given.get("transB") else weight, product
        )
        if bias:
            self._nodes.append(helper.make_node("Add", [product, *bias], [output]))

    def _product(self, left: str, name: str, weight: NDArray[Any], output: str) -> None:
        """Add what multiplies anything, be it a table, by a weight [inner, columns]."""
        multiply = self._multiply_table if self._is_weight(left) else self._multiply
        multiply(left, name, weight, output)

    def _multiply_table(self, table: str, name: str, weight: NDArray[Any], output: str) -> None:
        """Add what multiplies a table [rows, inner] by a weight, in float32: it is done once."""
        rows, row_scales = self._table(table)
        integers, scales = quantized_columns(weight)
        column = f"{output}_row_scales"
        self._nodes.append(helper.make_node("Unsqueeze", [row_scales, self._last_axis()], [column]))
        factors = []
        for numbers, scale in (
            (rows, column),
            (self._constant(f"{name}_int8", integers), self._constant(f"{name}_scale", scales)),
        ):
            wide, factor = (f"{output}_{numbers}_{part}" for part in ("float", "scaled"))
            self._nodes += [
                helper.make_node("Cast", [numbers], [wide], to=TensorProto.FLOAT),
                helper.make_node("Mul", [wide, scale], [factor]),
            ]
            factors.append(factor)
        self._nodes.append(helper.make_node("MatMul", factors, [output]))

    def _multiply(self, left: str, name: str, weight: NDArray[Any], output: str) -> None:
        """Add what multiplies float32 [..., rows, inner] by a weight [inner, columns]."""
        rows, scale = self._quantized_rows(left)
        if name in self._tables:  # the same numbers as are looked up
            table, steps = self._table(self._tables[name])
            columns = f"{name}_int8"
            self._nodes.append(helper.make_node("Transpose", [table], [columns]))
        else:
            integers, scales = quantized_columns(weight)
            columns = self._constant(f"{name}_int8", integers)
            steps = self._constant(f"{name}_scale", scales)
        product = f"{output}_by_row"
        self._nodes += [
            helper.make_node(
                "MatMulIntegerToFloat",
                [rows, columns, self._constant("int8_one", np.float32(1)), steps, self._middle()],
                [product],
                domain=_MICROSOFT,
            ),
            helper.make_node("Mul", [product, scale], [output]),
        ]

    def _look_up(self, name: str, ids: str, output: str) -> None:
        """Add what looks up rows of a table [rows, columns]."""
        table, scales = self._table(name)
        parts = {part: f"{output}_row_{part}" for part in ("int8", "float", "scale", "column")}
        self._nodes += [
            helper.make_node("Gather", [table, ids], [parts["int8"]]),
            helper.make_node("Cast", [parts["int8"]], [parts["float"]], to=TensorProto.FLOAT),
            helper.make_node("Gather", [scales, ids], [parts["scale"]]),
            helper.make_node(
                "Unsqueeze",
                [parts["scale"], self._last_axis()],
                [parts["column"]],
            ),
            helper.make_node("Mul", [parts["float"], parts["column"]], [output]),
        ]

    def _table(self, name: str) -> tuple[str, str]:
        """Quantize a table by row; return the names of its numbers and of their scales."""
        integers, scales = quantized_columns(self._constants[name].T)
        return (
            self._constant(f"{name}_rows_int8", np.ascontiguousarray(integers.T)),
            self._constant(f"{name}_rows_scale", scales),
        )

    def _quantized_rows(self, name: str) -> tuple[str, str]:
        """Add what quantizes each row of a tensor; return its numbers and their scale."""
        if name not in self._rows:
            parts = {
                part: f"{name}_{part}" for part in ("size", "largest", "bounded", "scale", "steps")
            }
            numbers = f"{name}_uint8"
            self._nodes += [
                helper.make_node("Abs", [name], [parts["size"]]),
                helper.make_node(
                    "ReduceMax",
                    [parts["size"], self._last_axis()],
                    [parts["largest"]],
                    keepdims=1,
                ),
                # a row of zeros has no scale
                helper.make_node(
                    "Max",
                    [parts["largest"], self._constant("int8_least", np.float32(1e-9))],
                    [parts["bounded"]],
                ),
                helper.make_node(
                    "Div",
                    [parts["bounded"], self._constant("int8_most", np.float32(127))],
                    [parts["scale"]],
                ),
                helper.make_node("Div", [name, parts["scale"]], [parts["steps"]]),
                helper.make_node(
                    "QuantizeLinear",
                    [parts["steps"], self._constant("int8_one", np.float32(1)), self._middle()],
                    [numbers],
                ),
            ]
            self._rows[name] = numbers, parts["scale"]
        return self._rows[name]

    def _recurrence(self, node: onnx.NodeProto) -> None:
        table, ids = self._read_by(node)
        recurrence = Recurrence(node, self._constants, ids or node.input[0])
        for name, array in recurrence.constants.items():
            self._constant(name, array)
        self._nodes += recurrence.before()
        made = []
        for number, (read, weight, bias) in enumerate(
            zip(recurrence.inputs, recurrence.input_weights, recurrence.input_biases, strict=True)
        ):
            name = f"{node.input[1]}_{number}"
            self._product(table or read, name, weight, f"{name}_product")
            made.append(f"{name}_biased")
            self._nodes.append(
                helper.make_node(
                    "Add", [f"{name}_product", self._constant(f"{name}_bias", bias)], [made[-1]]
                )
            )
        if table:
            self._look_up_stacked(recurrence, made, len(self._constants[table]))
        else:
            self._nodes += recurrence.stack(made, recurrence.gates)
        self._nodes += recurrence.after()

    def _look_up_stacked(self, recurrence: Recurrence, tables: list[str], rows: int) -> None:
        """Add what looks up, for each direction in its table, what a recurrent op reads."""
        prefix = recurrence.gates
        read = []
        for number, ids in enumerate(recurrence.inputs):  # the tables are one, end to end
            read.append(f"{prefix}_rows_{number}")
            start = self._constant(f"{prefix}_start_{number}", np.int64(number * rows))
            self._nodes.append(helper.make_node("Add", [ids, start], [read[-1]]))
        self._nodes += [
            *recurrence.stack(read, f"{prefix}_rows"),
            helper.make_node("Concat", tables, [f"{prefix}_table"], axis=0),
            helper.make_node("Gather", [f"{prefix}_table", f"{prefix}_rows"], [prefix]),
        ]

    def _read_by(self, node: onnx.NodeProto) -> tuple[str, str]:
        """Name the table that a recurrent op reads, and the ids int64 [source, batch] of its rows.

        Both are empty where it reads anything else, or where the table's products are too large.
        """
        turned = self._makers.get(node.input[0])
        found = self._makers.get(turned.input[0]) if turned is not None else None
        if turned is None or found is None or (turned.op_type, found.op_type) != _TURNED_LOOK_UP:
            return "", ""
        table, ids = found.input
        gates = self._constants[node.input[1]].shape[1]
        if not self._is_weight(table) or len(self._constants[table]) * gates > LARGEST_TABLE:
            return "", ""
        turned_ids = f"{ids}_turned"
        self._nodes.append(helper.make_node("Transpose", [ids], [turned_ids], perm=[1, 0]))
        return table, turned_ids

    def _constant(self, name: str, array: Any) -> str:
        self._added.setdefault(name, np.asarray(array))
        return name

    def _last_axis(self) -> str:
        return self._constant("int8_last_axis", np.array([-1]))

    def _middle(self) -> str:
        return self._constant("int8_zero", np.uint8(128))


def _used(nodes: list[onnx.NodeProto]) -> set[str]:
    """Name all that nodes read, those of their subgraphs, too."""
    names: set[str] = set()
    for node in nodes:
        names.update(node.input)
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                names |= _used(list(attribute.g.node))
    return names


def _needed(nodes: list[onnx.NodeProto], outputs: list[str]) -> list[onnx.NodeProto]:
    """Leave out what no output needs."""
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= _used([node])
            kept.append(node)
    return kept[::-1]
