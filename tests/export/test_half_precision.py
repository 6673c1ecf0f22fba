"""The float16 graphs, compared with float32."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, shape_inference

from jumok.bundle.folder import load_bundle
from jumok.decoding.batch_search import pad
from jumok.export.exporter import export_bundle
from jumok.export.graph_files import write_graphs
from jumok.export.parity_report import ParityReport
from jumok.runtime.engine import Engine
from jumok.training.checkpoint import Checkpoint
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq
from tests.export.small import SIZES, SOURCES, VOCABULARY, open_graphs
from tests.steps import step

CPU = "CPUExecutionProvider"
MODELS: list[dict[str, Any]] = [
    {},
    {"cell": "lstm"},
    {"bidirectional": False, "encoder_size": 96, "score": "location"},
    {"cell": "lstm", "encoder_layers": 2, "decoder_layers": 2, "residual": True},
    {"wiring": "bahdanau", "score": "dot", "tie_output": True},
    {"wiring": "conditional", "score": "cosine"},
    {"score": "general", "input_feeding": False},
    {"score": "scaled_dot", "lexical": False},
    {"score": "none"},
]


@dataclass(frozen=True)
class Written:
    """Engines of a model's graphs in both precisions, and their folder."""

    folder: Path
    float32: Engine
    float16: Engine


def write(folder: Path, **changes: Any) -> Written:
    """Write the graphs of a model."""
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfiguration(**(SIZES | changes)), VOCABULARY, VOCABULARY, 0, 40).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "bias" in name:
                torch.nn.init.normal_(weight, std=0.3)
    write_graphs(model, folder, precisions=["float16"])
    float32, float16 = (
        open_graphs(folder / f"encoder{kind}", folder / f"decoder_step{kind}")
        for kind in (".onnx", ".float16.onnx")
    )
    return Written(folder, float32, float16)


@pytest.fixture(scope="module", params=MODELS, ids=str)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Return the graphs of each model."""
    return write(tmp_path_factory.mktemp("graphs"), **request.param)


def rounding(path: Path) -> onnxruntime.InferenceSession:
    """Open a graph so that the CPU rounds each result to float16, as CUDA does.

    By default the CPU passes float32 from operator to operator. Copies in float16 between them
    prevent that, if they are not optimized away.
    """
    model = onnx.load(path)
    halves = {
        value.name
        for value in shape_inference.infer_shapes(model, strict_mode=True).graph.value_info
        if value.type.tensor_type.elem_type == TensorProto.FLOAT16
    }
    nodes = []
    for node in model.graph.node:
        nodes.append(node)
        for place, name in enumerate(node.output):
            if name in halves:
                node.output[place] = f"{name}_exact"
                nodes.append(helper.make_node("Identity", [node.output[place]], [name]))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=[CPU])


def test_encoder(written: Written) -> None:
    """The encoder's outputs are close to float32."""
    exact, near = (each.encode(*pad(SOURCES)) for each in (written.float32, written.float16))
    true = np.arange(8) < exact.source_lengths[:, None]
    for found, wanted in (
        (near["encoder_states"][true], exact["encoder_states"][true]),
        (near["projected_keys"][true], exact["projected_keys"][true]),
        (near["decoder_state"], exact["decoder_state"]),
    ):
        assert found.dtype == np.float32
        assert np.abs(found - wanted).max() < 2e-3 * np.abs(wanted).max()
    assert (near["encoder_states"] != exact["encoder_states"]).any()


def test_step(written: Written) -> None:
    """A step's log-probabilities, attention and state are close to float32."""
    encoded = written.float32.encode(*pad(SOURCES))
    begin = np.full((len(SOURCES), 1), 2)
    scored = np.arange(len(SOURCES))[:, None] + 40
    state = encoded["decoder_state"][:, None]
    exact, near = (
        step(each, begin, np.zeros_like(begin), scored, state, encoded, 5)
        for each in (written.float32, written.float16)
    )
    assert 0 < np.abs(near.scored_log_probs - exact.scored_log_probs).max() < 2e-3
    assert np.abs(near.attention - exact.attention).max() < 1e-3
    assert np.abs(near.states["decoder_state"] - exact.states["decoder_state"]).max() < 1e-3
    np.testing.assert_allclose(near.attention.sum(axis=2), 1, atol=1e-6)


def test_every_result_rounded(written: Written) -> None:
    """A step is close to float32 even if each result is rounded to float16, as on CUDA."""
    encoded = written.float32.encode(*pad(SOURCES))
    ids = np.full((len(SOURCES), 1), 2)
    inputs = {
        "previous_ids": ids,
        "parents": np.zeros_like(ids),
        "scored_ids": ids + 40,
        "decoder_state": encoded["decoder_state"][:, None],
        "encoder_states": encoded["encoder_states"],
        "projected_keys": encoded["projected_keys"],
        "source_lengths": encoded.source_lengths,
        "candidate_ranks": np.arange(5),
    }
    exact, near = (
        rounding(written.folder / f"decoder_step{kind}.onnx").run(None, inputs)
        for kind in ("", ".float16")
    )
    _, log_probs, attention, state, scored = range(5)
    for output, tolerance in ((log_probs, 1e-2), (scored, 1e-2), (attention, 2e-3), (state, 2e-3)):
        assert near[output].dtype == np.float32
        assert np.abs(near[output] - exact[output]).max() < tolerance
    np.testing.assert_allclose(near[attention].sum(axis=2), 1, atol=1e-6)
    assert (
        near[log_probs] != near[log_probs].astype(np.float16)
    ).any()  # the last operators are in float32


@pytest.mark.parametrize("name", ["encoder", "decoder_step"])
def test_signature(written: Written, name: str) -> None:
    """Inputs and outputs are the same as in float32."""
    whole, half = (
        onnx.load(written.folder / f"{name}{kind}.onnx").graph for kind in ("", ".float16")
    )
    assert list(half.input) == list(whole.input)
    assert list(half.output) == list(whole.output)


def test_weights(written: Written) -> None:
    """No weight of a matrix product stays in float32."""
    for name in ("encoder", "decoder_step"):
        graph = onnx.load(written.folder / f"{name}.float16.onnx").graph
        whole = {
            tensor.name for tensor in graph.initializer if tensor.data_type == TensorProto.FLOAT
        }
        for node in graph.node:
            if node.op_type in {"MatMul", "Gemm", "GRU", "LSTM", "Gather"}:
                assert whole.isdisjoint(node.input)


def test_a_table_is_stored_once(tmp_path: Path) -> None:
    """Embeddings shared with the generator are stored once."""
    write(tmp_path, tie_output=True)
    graph = onnx.load(tmp_path / "decoder_step.float16.onnx").graph
    tables = [tensor for tensor in graph.initializer if VOCABULARY in tensor.dims]
    assert sorted((tensor.data_type, len(tensor.dims)) for tensor in tables) == [
        (TensorProto.FLOAT16, 1),  # the generator's bias
        (TensorProto.FLOAT16, 2),
    ]


def test_bundle(tiny: Checkpoint, tmp_path: Path) -> None:
    """A bundle can have all precisions, and its report has the effect of each."""
    report = export_bundle(tiny, tmp_path / "all", [CPU], precisions=["float16", "int8"])
    stored = ParityReport.model_validate_json((tmp_path / "all/parity.json").read_text("utf-8"))
    assert stored == report
    manifest = load_bundle(tmp_path / "all").manifest
    assert manifest.precisions.keys() == {"float32", "int8", "float16"}
    assert manifest.precisions["float16"].encoder.file == "encoder.float16.onnx"
    assert stored.int8 is not None
    assert stored.float16 is not None
    for found in (stored.int8, stored.float16):
        assert found.provider == CPU
        assert found.sentences == stored.providers[CPU].sentences
    assert stored.float16.identical > 0.9 * stored.float16.sentences
    assert stored.float16.bleu > 90
