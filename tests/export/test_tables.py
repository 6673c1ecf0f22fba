"""Per-token gate tables, which ONNX Runtime precomputes when it loads a graph."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from jumok.bundle.manifest import Precision
from jumok.decoding.batch_search import pad_sources
from jumok.decoding.step_model import Step
from jumok.export import quantization
from jumok.export.graph_files import file_names, write_graphs
from jumok.training.network import ranked_step
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq
from tests.export.small import SIZES, SOURCES, VOCABULARY, open_graphs
from tests.steps import step

CPU = "CPUExecutionProvider"
CELLS = {"gru": 3, "lstm": 4}


def write(folder: Path, **changes: Any) -> None:
    """Write a model's graphs in all precisions."""
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfiguration(**(SIZES | changes)), VOCABULARY, VOCABULARY, 0, 40).eval()
    folder.mkdir(exist_ok=True)
    write_graphs(model, folder, precisions=["int8", "float16"])


def opened(path: Path) -> onnx.GraphProto:
    """Return a graph as optimized by ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.optimized_model_filepath = str(path.with_suffix(".opened"))
    onnxruntime.InferenceSession(path, options, providers=[CPU])
    return onnx.load(options.optimized_model_filepath).graph


def tables(graph: onnx.GraphProto) -> set[tuple[int, ...]]:
    """Return the shapes of all tables that are looked up."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    return {
        shapes[node.input[0]]
        for node in graph.node
        if node.op_type == "Gather" and len(shapes.get(node.input[0], ())) == 2
    }


def run(folder: Path, precision: Precision) -> Step:
    """Encode some sources and take one step."""
    encoder, decoder_step = file_names(precision)
    model = open_graphs(folder / encoder, folder / decoder_step)
    encoded = model.encode(*pad_sources(SOURCES))
    ids = np.arange(len(SOURCES))[:, None]
    return step(model, ids + 5, ids * 0, ids, encoded["decoder_state"][:, None], encoded, 1)


@pytest.fixture(scope="module", params=CELLS)
def cell(request: pytest.FixtureRequest) -> str:
    """Return each kind of cell."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def folder(cell: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the graphs of a model with that cell."""
    path = tmp_path_factory.mktemp(cell)
    write(path, cell=cell)
    return path


@pytest.mark.parametrize("precision", ["float32", "int8", "float16"])
def test_step(folder: Path, cell: str, precision: Precision) -> None:
    """A loaded step looks up each token's share of the gates and multiplies no embedding."""
    path = folder / file_names(precision)[1]
    gates = CELLS[cell] * SIZES["decoder_size"]
    assert tables(opened(path)) == {(VOCABULARY, gates)}
    stored = onnx.load(path).graph.initializer
    assert all(tuple(tensor.dims) != (VOCABULARY, gates) for tensor in stored)


def test_encoder(folder: Path, cell: str) -> None:
    """The loaded int8 loop looks up its inputs, for both directions in one table."""
    graph = opened(folder / "encoder.int8.onnx")
    assert (2 * VOCABULARY, CELLS[cell] * SIZES["encoder_size"]) in tables(graph)


@pytest.mark.parametrize("wiring", ["luong", "bahdanau"])
def test_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wiring: str) -> None:
    """Tables that would be too large are not made, and results are the same."""
    write(tmp_path / "with", wiring=wiring)
    monkeypatch.setattr(ranked_step, "LARGEST_TABLE", 0)
    monkeypatch.setattr(quantization, "LARGEST_TABLE", 0)
    write(tmp_path / "without", wiring=wiring)
    for name in ("decoder_step.onnx", "decoder_step.int8.onnx", "encoder.int8.onnx"):
        few, many = (tables(opened(tmp_path / kind / name)) for kind in ("without", "with"))
        assert max(columns for _, columns in few) < max(columns for _, columns in many)
    tolerances: dict[Precision, float] = {"float32": 1e-5, "int8": 0.03, "float16": 0.01}
    for precision, tolerance in tolerances.items():
        found, wanted = (run(tmp_path / kind, precision) for kind in ("with", "without"))
        for one, other in (
            (found.attention, wanted.attention),
            (found.states["decoder_state"], wanted.states["decoder_state"]),
            (found.log_probs, wanted.log_probs),
        ):
            assert np.abs(one - other).max() < tolerance
