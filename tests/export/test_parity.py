"""The comparison with PyTorch: a graph that is wrong in any way does not pass."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from jumok.bundle.folder import load_bundle
from jumok.export import parity
from jumok.export.errors import ParityError
from jumok.export.exporter import export_bundle
from jumok.export.parity import check_parity
from jumok.training.checkpoint import Checkpoint
from tests.export.small import open_graphs

CPU = "CPUExecutionProvider"
Edit = Callable[[onnx.ModelProto], None]


def weight(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    """Return the weight of that name."""
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


def node(model: onnx.ModelProto, operation: str, **output: str) -> onnx.NodeProto:
    """Return the only node of an operation, or the one with that output."""
    (found,) = (
        node
        for node in model.graph.node
        if node.op_type == operation and output.get("output", node.output[0]) == node.output[0]
    )
    return found


def perturb(name: str, change: float) -> Edit:
    """Change the first number of a weight."""

    def edit(model: onnx.ModelProto) -> None:
        tensor = weight(model, name)
        values = numpy_helper.to_array(tensor).copy()
        values.flat[0] += change
        tensor.CopyFrom(numpy_helper.from_array(values, name))

    return edit


def swap_gates(model: onnx.ModelProto) -> None:
    """Use PyTorch's order of gates: swap reset and update."""
    tensor = weight(model, "layers.0.recurrent_weights")
    reset, update, new = np.split(numpy_helper.to_array(tensor), 3, axis=1)
    swapped = np.concatenate((update, reset, new), axis=1)
    tensor.CopyFrom(numpy_helper.from_array(swapped, tensor.name))


def drop_lengths(model: onnx.ModelProto) -> None:
    """Let the backward direction read padding first."""
    node(model, "GRU").input[4] = ""


def reset_first(model: onnx.ModelProto) -> None:
    """Apply the reset gate before the recurrent product, as onnxscript once did."""
    (attribute,) = (a for a in node(model, "GRU").attribute if a.name == "linear_before_reset")
    attribute.i = 0


def ignore_parents(model: onnx.ModelProto) -> None:
    """Let every hypothesis extend itself."""
    gather = next(node for node in model.graph.node if node.input[0] == "decoder_state")
    identity = onnx.helper.make_node("Identity", [gather.input[0]], [gather.output[0]])
    gather.CopyFrom(identity)


def attend_to_padding(model: onnx.ModelProto) -> None:
    """Remove the mask."""
    softmax = node(model, "Softmax")
    softmax.input[0] = node(model, "Where", output=softmax.input[0]).input[2]


def sharpen_attention(model: onnx.ModelProto) -> None:
    """Return different attention from that used."""
    softmax = node(model, "Softmax")
    softmax.output[0] = "used"
    for other in model.graph.node:
        for at, name in enumerate(other.input):
            if name == "attention":
                other.input[at] = "used"
    model.graph.node.append(onnx.helper.make_node("Mul", ["used", "used"], ["attention"]))


def forget_normaliser(model: onnx.ModelProto) -> None:
    """Return logits in place of log-probabilities."""
    last = node(model, "LogSoftmax")
    last.CopyFrom(onnx.helper.make_node("Identity", [last.input[0]], [last.output[0]]))


def score_others(model: onnx.ModelProto) -> None:
    """Score other tokens than the given ones."""
    reader = next(node for node in model.graph.node if "scored_ids" in node.input)
    reader.input[0] = "previous_ids"


@pytest.mark.parametrize(
    ("graph", "edit", "complaint"),
    [
        ("encoder", perturb("encoder.bridge.bias", 1e-3), "encoder outputs differ"),
        ("encoder", swap_gates, "encoder outputs differ"),
        ("encoder", drop_lengths, "encoder outputs differ"),
        ("encoder", reset_first, "encoder outputs differ"),
        ("decoder_step", perturb("decoder.readout.bias", 1e-3), "the decoder step's state differs"),
        ("decoder_step", ignore_parents, "the decoder step's state differs"),
        ("decoder_step", attend_to_padding, "the decoder step's state differs"),
        ("decoder_step", sharpen_attention, "attention differs"),
        ("decoder_step", forget_normaliser, "log-probabilities differ"),
        ("decoder_step", perturb("decoder.generator.bias", 10), "log-probabilities differ"),
        ("decoder_step", score_others, "log-probabilities differ"),
    ],
    ids=[
        "encoder weight",
        "gates swapped",
        "lengths dropped",
        "reset gate first",
        "decoder weight",
        "parents ignored",
        "padding attended to",
        "attention sharpened",
        "no normaliser",
        "favoured token",
        "others scored",
    ],
)
def test_sabotage(
    quick: Callable[..., Checkpoint], tmp_path: Path, graph: str, edit: Edit, complaint: str
) -> None:
    """A wrong graph fails the check that names its fault, and nothing is written."""
    checkpoint = quick(**{graph: edit})
    with pytest.raises(ParityError, match=f"^parity on {CPU}: {complaint}.*; nothing was written$"):
        export_bundle(checkpoint, tmp_path / "bundle", [CPU])
    assert list(tmp_path.iterdir()) == []


def test_diverged(quick: Callable[..., Checkpoint], tmp_path: Path) -> None:
    """A model whose outputs are NaN does not pass, even compared with its own graphs."""
    checkpoint = quick(decoder_step=perturb("decoder.generator.bias", float("nan")))
    tensors = {name: tensor.clone() for name, tensor in checkpoint.model.items()}
    tensors["decoder.generator.bias"][0] = float("nan")
    with pytest.raises(
        ParityError, match="log-probabilities differ from PyTorch's by inf, but only"
    ):
        export_bundle(replace(checkpoint, model=tensors), tmp_path / "bundle", [CPU])


def test_old_bundle_stays(quick: Callable[..., Checkpoint], tmp_path: Path) -> None:
    """If an export fails, the old bundle stays."""
    export_bundle(quick(), tmp_path / "bundle", [CPU])
    before = load_bundle(tmp_path / "bundle").fingerprint
    with pytest.raises(ParityError):
        export_bundle(quick(encoder=drop_lengths), tmp_path / "bundle", [CPU])
    assert load_bundle(tmp_path / "bundle").fingerprint == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize(("worse", "tie"), [(5e-6, True), (1e-4, False)])
def test_tie(
    tiny: Checkpoint,
    tiny_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    worse: float,
    tie: bool,
) -> None:
    """Another token is a tie only if PyTorch's log-probabilities differ by at most 1e-5."""
    monkeypatch.setattr(parity, "BATCH_SIZES", range(1, 3))
    usual, twin = tiny.target.encode("The").ids[-1], 799
    tensors = {name: tensor.clone() for name, tensor in tiny.model.items()}
    rows, bias = tensors["decoder.embedding.weight"], tensors["decoder.generator.bias"]
    rows[twin], bias[twin] = rows[usual], bias[usual] - worse
    preferred = bias.clone()
    preferred[twin] = bias[usual] + 5e-6
    model = onnx.load(tiny_bundle / "decoder_step.onnx")
    biased = next(node for node in model.graph.node if "decoder.generator.bias" in node.input)
    product = node(model, "MatMul", output=biased.input[0])
    tied = node(model, "Transpose", output=product.input[1]).input[0]
    for name, values in ((tied, rows), ("decoder.generator.bias", preferred)):
        weight(model, name).CopyFrom(numpy_helper.from_array(values.numpy(), name))
    onnx.save(model, tmp_path / "decoder_step.onnx")
    graphs = tiny_bundle / "encoder.onnx", tmp_path / "decoder_step.onnx"
    runtime = open_graphs(*graphs, tiny.target.vocabulary_size)
    checkpoint = replace(tiny, model=tensors, held_out=tiny.held_out[:20])
    found = check_parity(checkpoint, {CPU: runtime}).providers[CPU]
    assert found.sentences == 20
    assert found.identical < 20
    assert found.ties == (20 - found.identical) * tie


def test_an_exporter_that_drops_lengths_does_not_pass(
    tiny: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exporter that drops the lengths, as PyTorch's own does, does not pass."""
    symbolic = torch.onnx.ops.symbolic_multi_out

    def without_lengths(
        operation: str, inputs: Sequence[torch.Tensor], **options: Any
    ) -> Sequence[torch.Tensor]:
        return symbolic(operation, inputs[:4], **options)

    monkeypatch.setattr(torch.onnx.ops, "symbolic_multi_out", without_lengths)
    monkeypatch.setattr(parity, "BATCH_SIZES", range(1, 5))
    with pytest.raises(ParityError, match=f"^parity on {CPU}: encoder outputs differ"):
        export_bundle(tiny, tmp_path / "bundle", [CPU])
    assert list(tmp_path.iterdir()) == []
