"""The int8 graphs, compared with float32."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.batch_search import pad, pad_sources, search
from jumok.decoding.options import Decoding
from jumok.export.columns import quantized_columns
from jumok.export.graph_files import write_graphs
from jumok.runtime.engine import Engine
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq
from tests.export.small import SIZES, SOURCES, VOCABULARY, open_graphs
from tests.steps import step

CPU = "CPUExecutionProvider"
CELLS: list[dict[str, Any]] = [
    {},
    {"cell": "lstm"},
    {"bidirectional": False, "encoder_size": 96},
    {"cell": "lstm", "encoder_layers": 2, "decoder_layers": 2, "residual": True},
    {"wiring": "bahdanau", "score": "dot", "tie_output": True},
]


def write(folder: Path, half: bool = False, **changes: Any) -> tuple[Engine, Engine]:
    """Write a model's graphs and return engines in float32 and int8."""
    torch.manual_seed(1)
    model = Seq2Seq(ModelConfiguration(**(SIZES | changes)), VOCABULARY, VOCABULARY, 0, 40).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "bias" in name:
                torch.nn.init.normal_(weight, std=0.3)
    write_graphs(model, folder, half=half, precisions=["int8"])
    float32, int8 = (
        open_graphs(folder / f"encoder{kind}", folder / f"decoder_step{kind}")
        for kind in (".onnx", ".int8.onnx")
    )
    return float32, int8


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_encoder(tmp_path: Path, cell: dict[str, Any]) -> None:
    """The explicit loop gives what the operator gives, in both directions and at all lengths."""
    float32, int8 = write(tmp_path, **cell)
    exact, near = (model.encode(*pad(SOURCES)) for model in (float32, int8))
    true = np.arange(8) < exact.source_lengths[:, None]
    for found, wanted in (
        (near["encoder_states"][true], exact["encoder_states"][true]),
        (near["projected_keys"][true], exact["projected_keys"][true]),
        (near["decoder_state"], exact["decoder_state"]),
    ):
        scale = np.abs(wanted).max()
        assert np.abs(found - wanted).max() < 0.04 * scale
        assert np.abs(found - wanted).mean() < 0.01 * scale
        assert np.abs(found - wanted).max() > 0


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_step(tmp_path: Path, cell: dict[str, Any]) -> None:
    """A step's log-probabilities, attention and state are close to float32."""
    float32, int8 = write(tmp_path, **cell)
    encoded = float32.encode(*pad(SOURCES))
    begin = np.full((len(SOURCES), 1), 2)
    scored = np.arange(len(SOURCES))[:, None] + 40
    state = encoded["decoder_state"][:, None]
    exact, near = (
        step(model, begin, np.zeros_like(begin), scored, state, encoded, 5)
        for model in (float32, int8)
    )
    assert np.abs(near.scored_log_probs - exact.scored_log_probs).max() < 0.05
    assert np.abs(near.attention - exact.attention).max() < 0.01
    assert np.abs(near.states["decoder_state"] - exact.states["decoder_state"]).max() < 0.03


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_results_do_not_depend_on_the_batch(tmp_path: Path, cell: dict[str, Any]) -> None:
    """A sentence has the same tokens, attention and scores alone and in a batch."""
    _, int8 = write(tmp_path, **cell)
    decoding = Decoding(9, beam=2)
    together = search(int8, SOURCES, SpecialIds(), decoding)
    for source, (found,) in zip(SOURCES, together, strict=True):
        ((alone,),) = search(int8, [source], SpecialIds(), decoding)
        assert alone.token_ids == found.token_ids
        np.testing.assert_allclose(alone.attention, found.attention, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_results_do_not_depend_on_padding(tmp_path: Path, cell: dict[str, Any]) -> None:
    """A step is bit-identical however far sources are padded.

    That is shown in float32: int8 mostly rounds away what a sum is off, and else makes more of it.
    """
    float32, _ = write(tmp_path, **cell)
    generator = np.random.default_rng(3)
    lengths = [1, *generator.integers(5, 12, 63).tolist()]
    sources = [generator.integers(4, VOCABULARY, length).tolist() for length in lengths]
    runs = []
    for longest in (11, 31):
        # without the last sentence, which is longer than the others
        encoded = float32.encode(*pad_sources([*sources, [5] * longest]))
        runs.append((encoded, encoded["decoder_state"][:, None]))
    for _ in range(20):
        ids = generator.integers(4, VOCABULARY, (len(sources) + 1, 1))
        steps = [
            step(float32, ids, np.zeros_like(ids), ids, state, encoded, 5)
            for encoded, state in runs
        ]
        near, far = steps
        width = near.attention.shape[2]
        np.testing.assert_array_equal(near.attention[:-1], far.attention[:-1, :, :width])
        for name in ("log_probs", "scored_log_probs"):
            np.testing.assert_array_equal(getattr(near, name)[:-1], getattr(far, name)[:-1])
        ours, theirs = (each.states["decoder_state"] for each in steps)
        np.testing.assert_array_equal(ours[:-1], theirs[:-1])
        runs = [(encoded, state) for (encoded, _), state in zip(runs, (ours, theirs), strict=True)]


def test_a_table_is_stored_once(tmp_path: Path) -> None:
    """Embeddings shared with the generator are stored once, in int8 only."""
    write(tmp_path, half=True, tie_output=True)
    graph = onnx.load(tmp_path / "decoder_step.int8.onnx").graph
    tables = [tensor for tensor in graph.initializer if VOCABULARY in tensor.dims]
    assert sorted((tensor.data_type, len(tensor.dims)) for tensor in tables) == [
        (onnx.TensorProto.FLOAT, 1),  # scales
        (onnx.TensorProto.FLOAT, 1),  # the generator's bias
        (onnx.TensorProto.INT8, 2),
    ]


def test_columns() -> None:
    """Each column has its own scale; a column of zeros stays zero."""
    weight = np.array([[1.0, 0.0, -0.02], [-0.5, 0.0, 0.0101]], dtype=np.float32)
    integers, scales = quantized_columns(weight)
    assert integers.tolist() == [[127, 0, -127], [-64, 0, 64]]
    np.testing.assert_allclose(integers * scales, weight, atol=1 / 127)


@pytest.mark.parametrize("inner", [2, 3, 64])
def test_neighbours(inner: int) -> None:
    """Neighbours of the same sign sum to at most 128, and in each column some come close."""
    weight = np.random.default_rng(0).uniform(-1, 1, (inner, 50)).astype(np.float32)
    integers, _ = quantized_columns(weight)
    padded = np.pad(integers.astype(int), ((0, inner % 2), (0, 0))).reshape(-1, 2, 50)
    largest = [np.maximum(sign * padded, 0).sum(axis=1).max(axis=0) for sign in (1, -1)]
    assert set(np.maximum(*largest).tolist()) <= {126, 127, 128}


def test_products_do_not_saturate() -> None:
    """A product is the exact sum on every processor, even for the largest values."""
    generator = np.random.default_rng(0)
    weight = generator.choice([-1.0, 1.0], (64, 40))
    weight[:, 1:] *= generator.uniform(0.5, 1, (64, 39))
    integers, scales = quantized_columns(weight)
    rows = np.concatenate(
        (
            np.where(integers.T[:8] > 0, 255, 1),  # all products of one column have the same sign
            generator.integers(1, 256, (8, 64)),
        )
    ).astype(np.uint8)
    names = ("rows", "columns", "one", "scales", "middle")
    values = (rows, integers, np.float32(1), scales, np.uint8(128))
    product = onnx.helper.make_node(
        "MatMulIntegerToFloat", names, ["product"], domain="com.microsoft"
    )
    graph = onnx.helper.make_graph(
        [product],
        "product",
        [onnx.helper.make_tensor_value_info("rows", onnx.TensorProto.UINT8, rows.shape)],
        [onnx.helper.make_tensor_value_info("product", onnx.TensorProto.FLOAT, (16, 40))],
        [
            onnx.numpy_helper.from_array(np.asarray(value), name)
            for name, value in zip(names[1:], values[1:], strict=True)
        ],
    )
    opsets = [onnx.helper.make_opsetid("", 20), onnx.helper.make_opsetid("com.microsoft", 1)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=[CPU])
    exact = (rows.astype(int) - 128) @ integers.astype(int) * scales
    (found,) = session.run(None, {"rows": rows})
    np.testing.assert_allclose(found, exact, rtol=1e-5)
