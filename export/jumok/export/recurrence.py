"""A GRU or LSTM operator as an explicit loop over time with products in int8."""

from typing import Any, Final

import numpy as np
import onnx
import onnx.numpy_helper
from numpy.typing import NDArray
from onnx import TensorProto, helper

from jumok.export.columns import quantized_columns
from jumok.export.loop_body import LoopBody

_STEPS: Final = 127  # a state lies between -1 and 1, so its scale is constant
_GATES: Final = {"GRU": 3, "LSTM": 4}


class Recurrence:
    """The nodes that replace one operator: ONNX's GRU with linear_before_reset, or LSTM.

    Both directions are stepped together. The backward one reads each sentence from its own end, so
    its input is reversed by length, and its output is reversed back. At padding, the state is kept
    and the output is 0.

    Attributes:
        constants: constants that the nodes read, by name.
        input_weights: for each direction, float32 [embedding, gates · size].
        input_biases: for each direction, float32 [gates · size].
        inputs: for each direction, the name of its input [source, batch, ...], in its own order.
        gates: name of the inputs multiplied by `input_weights` plus `input_biases`, float32
            [source, direction, batch, gates · size]; the caller computes it.
    """

    def __init__(
        self, node: onnx.NodeProto, constants: dict[str, NDArray[Any]], source: str
    ) -> None:
        """Replace `node`, whose weights are among `constants`.

        `source` is the name of its input: float32 [source, batch, embedding], or int64
        [source, batch].
        """
        self._kind, self._source, self._lengths = node.op_type, source, node.input[4]
        self._outputs = [*node.output, "", ""][:2]
        self._prefix = node.output[0]
        gates = _GATES[self._kind]
        weights, recurrent, biases = (constants[name] for name in node.input[1:4])
        self._directions, _, self._size = recurrent.shape
        integers, scales = quantized_columns(recurrent.transpose(0, 2, 1))
        of_input, of_state = np.split(biases, 2, axis=1)
        # the state's biases are added to the input's, except that of the gate that is reset first
        added = (gates - (self._kind == "GRU")) * self._size
        of_input = of_input + np.where(np.arange(of_state.shape[1]) < added, of_state, 0)
        self.input_weights = [weight.T for weight in weights]
        self.inputs = [self._source, self._name("reversed")][: self._directions]
        self.input_biases = list(of_input)
        self.gates = self._name("gates")
        arrays = {
            "weights": integers,  # [direction, size, gates · size]
            "scales": scales[:, None],
            "state_step": np.float32(1 / _STEPS),
            "middle": np.uint8(128),
            "state_bias": of_state[:, None, added:],
            "zero": np.float32(0),
            "axis_0": np.array([0]),
            "axis_1": np.array([1]),
            "no_state": np.zeros((self._directions, 1, self._size), dtype=np.float32),
            "splits": np.array([(gates - 1) * self._size, self._size]),
            "one": np.array(1),
            "none": np.array(0),
        }
        self.constants = {self._name(name): np.asarray(array) for name, array in arrays.items()}

    def before(self) -> list[onnx.NodeProto]:
        """Return the nodes that compute `inputs`."""
        lengths = self._node("Cast", [self._lengths], "lengths", to=TensorProto.INT64)
        if self._directions == 1:
            return [lengths]
        return [lengths, self._reverse(self._source, "reversed")]

    def stack(self, directions: list[str], output: str) -> list[onnx.NodeProto]:
        """Return the nodes that stack [source, batch, ...] to [source, direction, batch, ...]."""
        parts = [
            self._node("Unsqueeze", [name, self._name("axis_1")], f"direction_{n}")
            for n, name in enumerate(directions)
        ]
        together = helper.make_node("Concat", [part.output[0] for part in parts], [output], axis=1)
        return [*parts, together]

    def after(self) -> list[onnx.NodeProto]:
        """Return the nodes that compute the operator's outputs from `gates`."""
        nodes = [
            *self._mask(),
            *self._first_state(),
        ]
        states = ["first_state"] * (1 if self._kind == "GRU" else 2)
        final, kept = self._outputs[1] or self._name("final"), self._name("kept")
        memories = [self._name("final_memory")] * (self._kind == "LSTM")
        loop = helper.make_node(
            "Scan",
            [*map(self._name, states), self.gates, self._name("mask")],
            [final, *memories, kept],
            body=self._step(),
            num_scan_inputs=2,
        )
        return [*nodes, loop, *self._ordered(kept)]

    def _mask(self) -> list[onnx.NodeProto]:
        """Make bool [source, direction, batch, 1], true at true positions."""
        return [
            self._node("Shape", [self._source], "count", start=0, end=1),
            self._node("Squeeze", [self._name("count")], "length"),
            self._node(
                "Range", [self._name("none"), self._name("length"), self._name("one")], "positions"
            ),
            self._node("Unsqueeze", [self._name("positions"), self._name("axis_1")], "column"),
            self._node("Less", [self._name("column"), self._name("lengths")], "true"),
            self._constant("true_axes", np.array([1, 3])),
            self._node("Unsqueeze", [self._name("true"), self._name("true_axes")], "mask"),
        ]

    def _first_state(self) -> list[onnx.NodeProto]:
        """Make zeros [direction, batch, size]."""
        return [
            self._node("Shape", [self._source], "batch", start=1, end=2),
            self._constant("rest_before", np.array([self._directions])),
            self._constant("rest_after", np.array([self._size])),
            self._node(
                "Concat",
                [self._name("rest_before"), self._name("batch"), self._name("rest_after")],
                "state_shape",
                axis=0,
            ),
            self._node(
                "Expand", [self._name("no_state"), self._name("state_shape")], "first_state"
            ),
        ]

    def _ordered(self, kept: str) -> list[onnx.NodeProto]:
        """Reverse the backward direction's outputs back to the order of the source."""
        if self._directions == 1:
            return [helper.make_node("Identity", [kept], [self._outputs[0]])]
        parts = [self._name("forward"), self._name("backward")]
        return [
            helper.make_node("Split", [kept], parts, axis=1, num_outputs=2),
            self._node("Squeeze", [parts[1], self._name("axis_1")], "backward_rows"),
            self._reverse(self._name("backward_rows"), "backward_ordered"),
            self._node(
                "Unsqueeze", [self._name("backward_ordered"), self._name("axis_1")], "backward_4d"
            ),
            helper.make_node(
                "Concat", [parts[0], self._name("backward_4d")], [self._outputs[0]], axis=1
            ),
        ]

    def _reverse(self, name: str, output: str) -> onnx.NodeProto:
        return self._node(
            "ReverseSequence", [name, self._name("lengths")], output, time_axis=0, batch_axis=1
        )

    def _step(self) -> onnx.GraphProto:
        """Make the body of the loop, which reads states and one position."""
        body = LoopBody(self._prefix)
        body.add("QuantizeLinear", ["state", self._name("state_step"), self._name("middle")], "q")
        body.add(
            "MatMulIntegerToFloat",
            [
                *("q", self._name("weights"), self._name("state_step"), self._name("scales")),
                self._name("middle"),
            ],
            "of_state",
            domain="com.microsoft",
        )
        if self._kind == "GRU":
            self._gru(body)
        else:
            self._lstm(body)
        body.add("Where", ["mask", "new_state", "state"], "next_state")
        body.add("Where", ["mask", "new_state", self._name("zero")], "output")
        memory = self._kind == "LSTM"
        if memory:
            body.add("Where", ["mask", "new_memory", "memory"], "next_memory")
        gates = _GATES[self._kind] * self._size
        state: tuple[int, list[Any]] = (
            TensorProto.FLOAT,
            [self._directions, "batch", self._size],
        )
        inputs: dict[str, tuple[int, list[Any]]] = {
            "state": state,
            **({"memory": state} if memory else {}),
            "input": (TensorProto.FLOAT, [self._directions, "batch", gates]),
            "mask": (TensorProto.BOOL, [1, "batch", 1]),
        }
        outputs = ["next_state", *["next_memory"] * memory, "output"]
        return body.graph(inputs, dict.fromkeys(outputs, state))

    def _gru(self, body: LoopBody) -> None:
        """z, r = σ(x + U s);  h = tanh(x_h + r ∘ (U_h s + b_h));  s' = (1 - z) ∘ h + z ∘ s."""
        for part in ("input", "of_state"):
            body.split(part, [f"{part}_zr", f"{part}_h"], self._name("splits"))
        body.add("Add", ["input_zr", "of_state_zr"], "zr_sum")
        body.add("Sigmoid", ["zr_sum"], "zr")
        body.split("zr", ["z", "r"])
        body.add("Add", ["of_state_h", self._name("state_bias")], "biased")
        body.add("Mul", ["r", "biased"], "reset")
        body.add("Add", ["input_h", "reset"], "h_sum")
        body.add("Tanh", ["h_sum"], "h")
        body.add("Sub", ["state", "h"], "difference")
        body.add("Mul", ["z", "difference"], "held")
        body.add("Add", ["h", "held"], "new_state")

    def _lstm(self, body: LoopBody) -> None:
        """i, o, f = σ(x + U h);  g = tanh(…);  c' = f ∘ c + i ∘ g;  h' = o ∘ tanh(c')."""
        body.add("Add", ["input", "of_state"], "sum")
        body.split("sum", ["iof_sum", "g_sum"], self._name("splits"))
        body.add("Sigmoid", ["iof_sum"], "iof")
        body.add("Tanh", ["g_sum"], "g")
        body.split("iof", ["i", "o", "f"])
        body.add("Mul", ["f", "memory"], "kept_memory")
        body.add("Mul", ["i", "g"], "read_memory")
        body.add("Add", ["kept_memory", "read_memory"], "new_memory")
        body.add("Tanh", ["new_memory"], "shown")
        body.add("Mul", ["o", "shown"], "new_state")

    def _constant(self, name: str, array: NDArray[Any]) -> onnx.NodeProto:
        value = onnx.numpy_helper.from_array(array)
        return self._node("Constant", [], name, value=value)

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> onnx.NodeProto:
        return helper.make_node(kind, inputs, [self._name(output)], **attributes)

    def _name(self, name: str) -> str:
        return f"{self._prefix}/{name}"
