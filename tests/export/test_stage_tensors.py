"""Stages of attention in exported graphs."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from jumok.bundle.manifest import Precision
from jumok.bundle.signature import DECODER_STEP
from jumok.decoding.step_model import StepInput
from jumok.export.graph_files import file_names, graphs_in, write_graphs
from jumok.export.stage_tensors import hide_stages, stages_in, stages_of
from jumok.runtime.engine import Engine
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq
from tests.export.small import SIZES, VOCABULARY

PRECISIONS: tuple[Precision, ...] = ("float32", "int8", "float16")


def make(**changes: Any) -> Seq2Seq:
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfiguration(**(SIZES | changes)), VOCABULARY, VOCABULARY, 0, 40)
    return model.eval()


@pytest.mark.parametrize(
    "changes",
    [
        {"lexical": True},
        {"wiring": "bahdanau", "score": "general", "input_feeding": False},
        {"wiring": "conditional", "cell": "lstm"},
    ],
    ids=["luong", "bahdanau", "conditional"],
)
def test_equations_hold_in_every_precision(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Graphs keep their signature; the tensors that their manifest names fit each other."""
    model = make(**changes)
    write_graphs(model, tmp_path, precisions=["int8", "float16"])
    graphs = graphs_in(tmp_path)
    for precision in PRECISIONS:
        graph = onnx.load(tmp_path / file_names(precision)[1]).graph
        assert [output.name for output in graph.output] == [
            output.name for output in DECODER_STEP.outputs
        ]
        stages = graphs[precision].stages
        assert stages is not None
        assert (stages.wiring, set(stages.tensors)) == (
            model.decoder.wiring,
            set(stages_of(model.decoder)),
        )
        made = {name for node in graph.node for name in node.output}
        assert made >= set(stages.tensors.values())
        if precision == "float16":
            continue  # the CPU cannot run it
        engine = Engine(tmp_path, graphs[precision], VOCABULARY, precision=precision)
        engine.open_stages()
        encoded = engine.encode(np.array([[5, 6, 7, 3]]), np.array([4], dtype=np.int32))
        one = np.ones((1, 1), dtype=np.int64)
        tensors = {**encoded.tensors, "source_lengths": encoded.source_lengths}
        tensors["decoder_state"] = encoded["decoder_state"][:, None]
        inputs = StepInput(2 * one, 0 * one, one, 5, tensors)
        step, found = engine.explain(inputs)
        served = engine.step(inputs)
        for name in ("token_ids", "log_probs", "attention", "scored_log_probs"):
            assert np.array_equal(getattr(step, name), getattr(served, name))
        exponentials = np.exp(found["scores"][0, 0])
        attention = step.attention[0, 0]
        assert np.allclose(exponentials / exponentials.sum(), attention, atol=1e-5)
        context = found["context"][0, 0]
        values = encoded["encoder_states"][0, :, : len(context)]
        assert np.allclose(attention @ values, context, atol=1e-5)
        if precision == "float32" and model.decoder.wiring == "luong":
            joined = np.concatenate((context, found["decoder_output"][0, 0]))
            with torch.no_grad():
                expected = torch.tanh(model.decoder.readout(torch.from_numpy(joined))).numpy()
            assert np.allclose(found["attentional"][0, 0], expected, atol=1e-5)


def test_without_attention_there_is_nothing_to_explain(tmp_path: Path) -> None:
    """A model without attention has no stages."""
    write_graphs(make(score="none"), tmp_path)
    assert graphs_in(tmp_path)["float32"].stages is None


def test_copies_are_removed() -> None:
    """Nodes that only copied a tensor to an output are removed; others stay."""
    helper = onnx.helper
    nodes = [
        helper.make_node("Tanh", ["x"], ["inner"]),
        helper.make_node("Identity", ["inner"], ["copy"]),
        helper.make_node("Cast", ["copy"], ["query"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Identity", ["inner"], ["scores"]),
        helper.make_node("Abs", ["scores"], ["y"]),
    ]
    names = ["x", "y", "query", "scores", *("context", "decoder_output", "attentional")]
    nodes += [helper.make_node("Neg", ["x"], [name]) for name in names[4:]]
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in names]
    model = helper.make_model(helper.make_graph(nodes, "step", values[:1], values[1:]))
    decoder = make(lexical=False).decoder
    hide_stages(model, decoder, stages_of(decoder)[:0])
    assert len(model.graph.output) == 6
    stages = stages_of(decoder)
    hide_stages(model, decoder, stages)
    assert [output.name for output in model.graph.output] == ["y"]
    found = stages_in(model)
    assert found is not None
    assert (found.tensors["query"], found.tensors["scores"]) == ("inner", "scores")
    assert [node.op_type for node in model.graph.node] == [
        *("Tanh", "Identity", "Abs", "Neg", "Neg", "Neg")
    ]
