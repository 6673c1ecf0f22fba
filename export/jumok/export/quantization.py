"""Graphs that multiply in int8: weights by column, activations by row as they come.

A row is quantized by its own largest value (dynamic quantization, but for each row instead of for
the whole tensor), so that what a sentence gets does not depend on what it is batched with, and
nothing has to be calibrated. Sums are exact integers, whatever the size of the batch and the
processor. What is multiplied once, when the graph is opened, is multiplied in float32.
"""

from typing import Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

from jumok.export.int8_products import MICROSOFT, Int8Products
from jumok.export.recurrence import Recurrence
from jumok.training.network.ranked_step import LARGEST_TABLE

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
        # without what was inferred for the graph of float32
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
        assert factors == (1.0, 1.0, 0), f"{node.name}: a Gemm that no exporter of ours writes"
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
        """Add what looks up, for each direction in its table, what a recurrent op reads."""
        prefix = recurrence.gates
        read = []
        for number, ids in enumerate(recurrence.inputs):  # the tables are one, end to end
            read.append(f"{prefix}_rows_{number}")
            start = self._products.constant(f"{prefix}_start_{number}", np.int64(number * rows))
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
        directions, gates, _ = self._constants[node.input[1]].shape
        if not self._products.is_weight(table):
            return "", ""
        if len(self._constants[table]) * directions * gates > LARGEST_TABLE:
            return "", ""
        turned_ids = f"{ids}_turned"
        self._nodes.append(helper.make_node("Transpose", [ids], [turned_ids], perm=[1, 0]))
        return table, turned_ids


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
