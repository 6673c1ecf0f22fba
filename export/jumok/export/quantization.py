"""Graphs that multiply in int8: weights quantized by column, activations dynamically by row.

Each row is quantized by its own largest value, not by that of the whole tensor. So the result of a
sentence does not depend on its batch, and no calibration is needed. Sums are exact integers,
whatever the batch size and the processor. Products of constants, which are computed once when the
graph is loaded, are in float32.
"""

from typing import Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

from jumok.export.int8_products import MICROSOFT, Int8Products
from jumok.export.recurrence import Recurrence
from jumok.training.network.ranked_step import LARGEST_TABLE

_TURNED_LOOK_UP: Final = ("Transpose", "Gather")  # embedding look-up, transposed to time first


def quantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of a float32 graph with its matrix products by weights in int8.

    Recurrent operators become explicit loops, because they have no int8 version. Embedding tables
    are int8 as well, with one scale per row, so a table shared with the generator is stored once.
    Products of constants are stored as their factors and multiplied when the graph is loaded,
    including those of embeddings by the input weights of a loop.
    """
    return _Quantizer(model).run()


class _Quantizer:
    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self._products = Int8Products(
            {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        )
        self._constants, self._nodes = self._products.constants, self._products.nodes
        self._makers = {name: node for node in model.graph.node for name in node.output}

    def run(self) -> onnx.ModelProto:
        for node in self._model.graph.node:
            match node.op_type:
                case "Transpose" if self._products.is_weight(node.input[0]):
                    self._products.transpose(node)
                case "Gather" if self._products.is_weight(node.input[0]):
                    self._products.look_up(node.input[0], node.input[1], node.output[0])
                case "MatMul" if self._products.is_weight(node.input[1]):
                    weight = self._constants[node.input[1]]
                    self._products.multiply(node.input[0], node.input[1], weight, node.output[0])
                case "Gemm" if self._products.is_weight(node.input[1]):
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
            for name, array in self._products.added.items()
            if name in used
        ]
        # without the shapes and types inferred for the float32 graph
        made = helper.make_graph(nodes, graph.name, graph.input, graph.output, initializers)
        return helper.make_model(
            made,
            opset_imports=[*self._model.opset_import, helper.make_opsetid(MICROSOFT, 1)],
            ir_version=self._model.ir_version,
        )

    def _gemm(self, node: onnx.NodeProto) -> None:
        given = {
            attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute
        }
        factors = given.get("alpha", 1.0), given.get("beta", 1.0), given.get("transA", 0)
        assert factors == (1.0, 1.0, 0), f"{node.name}: unsupported attributes of Gemm"
        weight = self._constants[node.input[1]]
        output, bias = node.output[0], node.input[2:]
        product = f"{output}_product" if bias else output
        self._products.multiply(
            node.input[0], node.input[1], weight.T if given.get("transB") else weight, product
        )
        if bias:
            self._nodes.append(helper.make_node("Add", [product, *bias], [output]))

    def _recurrence(self, node: onnx.NodeProto) -> None:
        table, ids = self._read_by(node)
        recurrence = Recurrence(node, self._constants, ids or node.input[0])
        for name, array in recurrence.constants.items():
            self._products.constant(name, array)
        self._nodes += recurrence.before()
        made = []
        for number, (read, weight, bias) in enumerate(
            zip(recurrence.inputs, recurrence.input_weights, recurrence.input_biases, strict=True)
        ):
            name = f"{node.input[1]}_{number}"
            self._products.multiply(table or read, name, weight, f"{name}_product")
            made.append(f"{name}_biased")
            self._nodes.append(
                helper.make_node(
                    "Add",
                    [f"{name}_product", self._products.constant(f"{name}_bias", bias)],
                    [made[-1]],
                )
            )
        if table:
            self._look_up_stacked(recurrence, made, len(self._constants[table]))
        else:
            self._nodes += recurrence.stack(made, recurrence.gates)
        self._nodes += recurrence.after()

    def _look_up_stacked(self, recurrence: Recurrence, tables: list[str], rows: int) -> None:
        """Add the nodes that look up a recurrent operator's inputs, one table per direction."""
        prefix = recurrence.gates
        read = []
        for number, ids in enumerate(recurrence.inputs):  # the tables are concatenated
            read.append(f"{prefix}_rows_{number}")
            start = self._products.constant(f"{prefix}_start_{number}", np.int64(number * rows))
            self._nodes.append(helper.make_node("Add", [ids, start], [read[-1]]))
        self._nodes += [
            *recurrence.stack(read, f"{prefix}_rows"),
            helper.make_node("Concat", tables, [f"{prefix}_table"], axis=0),
            helper.make_node("Gather", [f"{prefix}_table", f"{prefix}_rows"], [prefix]),
        ]

    def _read_by(self, node: onnx.NodeProto) -> tuple[str, str]:
        """Find the embedding table that a recurrent operator reads.

        Returns:
            Names of the table and of the row ids int64 [source, batch]; both empty if it reads
            anything else, or if the table's products would be too large.
        """
        turned = self._makers.get(node.input[0])
        found = self._makers.get(turned.input[0]) if turned is not None else None
        if turned is None or found is None or (turned.op_type, found.op_type) != _TURNED_LOOK_UP:
            return "", ""
        table, ids = found.input
        directions, gates, _ = self._constants[node.input[1]].shape
        if not self._products.is_weight(table):
            return "", ""
        if len(self._constants[table]) * directions * gates > LARGEST_TABLE:
            return "", ""
        turned_ids = f"{ids}_turned"
        self._nodes.append(helper.make_node("Transpose", [ids], [turned_ids], perm=[1, 0]))
        return table, turned_ids


def _used(nodes: list[onnx.NodeProto]) -> set[str]:
    """Return the names of all inputs of nodes, including those in their subgraphs."""
    names: set[str] = set()
    for node in nodes:
        names.update(node.input)
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                names |= _used(list(attribute.g.node))
    return names


def _needed(nodes: list[onnx.NodeProto], outputs: list[str]) -> list[onnx.NodeProto]:
    """Remove nodes that no output depends on."""
    wanted = set(outputs)
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= _used([node])
            kept.append(node)
    return kept[::-1]
