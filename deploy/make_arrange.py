"""Write runtime/jumok/runtime/arrange.onnx, the graph that moves rows within a device.

The service does not depend on a library for building graphs, so the graph is part of the package.
It fixes only ranks and types, so one graph serves all models.
"""

from pathlib import Path
from typing import Final

import onnx
from onnx import TensorProto, ValueInfoProto, helper

TARGET: Final = Path(__file__).parents[1] / "runtime" / "jumok" / "runtime" / "arrange.onnx"
_OPSET, _IR = 18, 10  # like the other graphs; CUDA has kernels for all their operators
_ROWS: Final = {
    "encoder_states": (TensorProto.FLOAT, ["row", "width", "encoder"]),
    "projected_keys": (TensorProto.FLOAT, ["row", "width", "key"]),
    "decoder_state": (TensorProto.FLOAT, ["row", "beam", "state"]),
    "source_lengths": (TensorProto.INT32, ["row"]),
}
_JOINED: Final = {
    "encoder_states": ["joined", "source", "encoder"],
    "projected_keys": ["joined", "source", "key"],
    "decoder_state": ["joined", "state"],
    "source_lengths": ["joined"],
}


def make_arrange() -> onnx.ModelProto:
    """Build the graph.

    Row r of each output is row index[r] of the concatenation of the rows and the joined rows.
    `padding` is the input of `Pad` that makes the joined rows as wide as the rows; it can be
    negative.
    """
    nodes, inputs, outputs = [], [], []

    def tensor(name: str, kind: int, axes: list[str]) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, axes)

    for name, (kind, axes) in _ROWS.items():
        inputs += [tensor(name, kind, axes), tensor(f"joined_{name}", kind, _JOINED[name])]
        joined = f"joined_{name}"
        if name in ("encoder_states", "projected_keys"):
            nodes.append(helper.make_node("Pad", [joined, "padding"], [f"padded_{name}"]))
            joined = f"padded_{name}"
        elif name == "decoder_state":
            # all hypotheses of a sentence start from the same encoder state
            nodes += [
                helper.make_node("Unsqueeze", [joined, "one"], ["state"]),
                helper.make_node("Shape", [name], ["beams"], start=1, end=2),
                helper.make_node("Concat", ["one", "beams", "one"], ["repeats"], axis=0),
                helper.make_node("Expand", ["state", "repeats"], ["states"]),
            ]
            joined = "states"
        nodes += [
            helper.make_node("Concat", [name, joined], [f"all_{name}"], axis=0),
            helper.make_node("Gather", [f"all_{name}", "index"], [f"arranged_{name}"], axis=0),
        ]
        outputs.append(tensor(f"arranged_{name}", kind, axes))
    inputs += [
        tensor("index", TensorProto.INT64, ["row"]),
        tensor("padding", TensorProto.INT64, ["pads"]),
    ]
    one = helper.make_tensor("one", TensorProto.INT64, [1], [1])
    graph = helper.make_graph(nodes, "arrange", inputs, outputs, [one])
    model = helper.make_model(
        graph, producer_name="jumok", opset_imports=[helper.make_opsetid("", _OPSET)]
    )
    model.ir_version = _IR
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    TARGET.write_bytes(make_arrange().SerializeToString(deterministic=True))
