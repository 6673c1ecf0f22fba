"""The two graphs on ONNX Runtime, compared with direct computations."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.bundle.signature import DECODER_STEP, DYNAMIC_AXES, ENCODER, GraphSignature
from jumok.decoding.batch_search import pad, search
from jumok.decoding.options import Decoding
from jumok.decoding.step_model import Step, StepModel
from jumok.export.graph_files import write_graphs
from jumok.runtime.engine import Engine
from jumok.training.checkpoint import Checkpoint
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq
from jumok.training.network.torch_model import TorchModel
from tests.export.small import SIZES
from tests.steps import step

BATCH, BEAM, CANDIDATES = 4, 3, 8
LENGTHS = (9, 1, 5, 3)
TYPES: dict[int, str] = {
    onnx.TensorProto.INT32: "int32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.FLOAT: "float32",
}


def rows(seed: int, lengths: tuple[int, ...] = LENGTHS) -> list[list[int]]:
    """Return random source tokens, including the end."""
    generator = np.random.default_rng(seed)
    return [[*generator.integers(4, 700, length - 1).tolist(), 3] for length in lengths]


class Stepper:
    """Steps three hypotheses of each of four sentences."""

    def __init__(self, runtime: Engine) -> None:
        generator = np.random.default_rng(0)
        self.runtime = runtime
        self.encoded = runtime.encode(*pad(rows(0)))
        state = self.encoded["decoder_state"].shape[1]
        self.state = (generator.normal(size=(BATCH, BEAM, state)) / 2).astype(np.float32)
        self.previous, self.scored = generator.integers(4, 700, (2, BATCH, BEAM))

    def run(self, parents: NDArray[np.int64], state: NDArray[np.float32]) -> Step:
        return step(
            self.runtime, self.previous, parents, self.scored, state, self.encoded, CANDIDATES
        )


@pytest.fixture(scope="module")
def stepper(runtime: Engine) -> Stepper:
    return Stepper(runtime)


@pytest.fixture(scope="module")
def identity() -> NDArray[np.int64]:
    """Return parents that keep the order of hypotheses."""
    return np.tile(np.arange(BEAM), (BATCH, 1))


@pytest.mark.parametrize(
    ("name", "signature"), [("encoder.onnx", ENCODER), ("decoder_step.onnx", DECODER_STEP)]
)
def test_signature(tiny_bundle: Path, name: str, signature: GraphSignature) -> None:
    """A graph is one file of opset 18 with the names, types and axes of its signature."""
    model = onnx.load(tiny_bundle / name, load_external_data=False)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
    assert {tensor.data_location for tensor in model.graph.initializer} <= {
        onnx.TensorProto.DEFAULT
    }
    assert {node.domain for node in model.graph.node} == {""}
    for values, tensors in (
        (model.graph.input, signature.inputs),
        (model.graph.output, signature.outputs),
    ):
        assert [value.name for value in values] == [tensor.name for tensor in tensors]
        for value, tensor in zip(values, tensors, strict=True):
            kind = value.type.tensor_type
            assert TYPES[kind.elem_type] == tensor.dtype
            for dim, axis in zip(kind.shape.dim, tensor.axes, strict=True):
                assert (dim.dim_param == axis) if axis in DYNAMIC_AXES else dim.dim_value > 0


def test_parents(stepper: Stepper, identity: NDArray[np.int64]) -> None:
    """Reordering hypotheses inside the graph equals reordering them with NumPy."""
    parents = np.array([[2, 0, 1], [1, 1, 1], [0, 2, 2], [2, 1, 0]])
    gathered = np.take_along_axis(stepper.state, parents[:, :, None], axis=1)
    inside, outside = stepper.run(parents, stepper.state), stepper.run(identity, gathered)
    for found, wanted in zip(inside[:-1], outside[:-1], strict=True):
        np.testing.assert_array_equal(found, wanted)
    ours, theirs = (found.states["decoder_state"] for found in (inside, outside))
    np.testing.assert_array_equal(ours, theirs)
    unordered = stepper.run(identity, stepper.state)
    assert np.abs(ours - unordered.states["decoder_state"]).max() > 1e-2


def test_log_probs(stepper: Stepper, identity: NDArray[np.int64], tiny: Checkpoint) -> None:
    """Log-probabilities are those of a log-softmax over the vocabulary, best or given tokens."""
    outputs = stepper.run(identity, stepper.state)
    weight, bias, hidden, hidden_bias, output = (
        tiny.model[f"decoder.{name}"].double().numpy()
        for name in (
            *("embedding.weight", "generator.bias"),
            *("lexical_model.hidden.weight", "lexical_model.hidden.bias"),
            "lexical_model.output.weight",
        )
    )
    attentional = outputs.states["decoder_state"][:, :, -weight.shape[1] :].astype(np.float64)
    embeddings = stepper.encoded["encoder_states"][:, :, -weight.shape[1] :].astype(np.float64)
    words = np.tanh(outputs.attention @ embeddings)
    lexical = (np.tanh(words @ hidden.T + hidden_bias) + words) @ output.T
    logits = (attentional + lexical) @ weight.T + bias
    everything = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    best = -np.sort(-everything, axis=2)[:, :, :CANDIDATES]
    assert outputs.token_ids.shape == (BATCH, BEAM, CANDIDATES)
    np.testing.assert_allclose(outputs.log_probs, best, atol=1e-5)
    named = np.take_along_axis(everything, outputs.token_ids, axis=2)
    np.testing.assert_allclose(outputs.log_probs, named, atol=1e-5)
    assert {len(set(row)) for row in outputs.token_ids.reshape(-1, CANDIDATES).tolist()} == {8}
    given = np.take_along_axis(everything, stepper.scored[:, :, None], axis=2)[:, :, 0]
    np.testing.assert_allclose(outputs.scored_log_probs, given, atol=1e-5)


def test_attention(stepper: Stepper, identity: NDArray[np.int64]) -> None:
    """Each row of attention sums to 1 over true positions and is 0 at padding."""
    attention = stepper.run(identity, stepper.state).attention
    padding = np.arange(9) >= np.array(LENGTHS)[:, None, None]
    assert not attention[np.broadcast_to(padding, attention.shape)].any()
    np.testing.assert_allclose(attention.sum(axis=2), 1, atol=1e-6)


def test_padding_has_no_effect(runtime: Engine) -> None:
    """Results at true positions are bit-identical whatever ids the padding has."""
    source_ids, lengths = pad(rows(0))
    true = np.arange(9) < lengths[:, None]
    clean = runtime.encode(source_ids, lengths)
    dirty = runtime.encode(np.where(true, source_ids, 77), lengths)
    for name in ("encoder_states", "projected_keys"):
        np.testing.assert_array_equal(dirty[name][true], clean[name][true])
    np.testing.assert_array_equal(dirty["decoder_state"], clean["decoder_state"])


def test_smallest(runtime: Engine, tiny: Checkpoint) -> None:
    """One sentence of one position with one hypothesis works like any other."""

    def first(model: StepModel) -> Step:
        encoded = model.encode(*pad([[3]]))
        begin, parent, end = np.array([[[2]], [[0]], [[3]]])
        return step(model, begin, parent, end, encoded["decoder_state"][:, None], encoded, 4)

    found, expected = first(runtime), first(TorchModel(tiny.build_model()))
    assert found.attention.tolist() == [[[1.0]]]
    assert found.token_ids[0, 0, 0] == expected.token_ids[0, 0, 0]
    np.testing.assert_allclose(found.scored_log_probs, expected.scored_log_probs, atol=1e-5)


@pytest.mark.parametrize("beam", [1, 3])
def test_results_do_not_depend_on_the_batch(runtime: Engine, beam: int) -> None:
    """A sentence has the same tokens and attention alone and batched with 32 others."""
    sentence = rows(1, (8,))[0]
    others = rows(2, tuple(2 + 38 * n // 31 for n in range(32)))
    decoding = Decoding(24, beam=beam)
    ((alone,),) = search(runtime, [sentence], SpecialIds(), decoding)
    for place in (0, 15, 32):
        batch = [*others[:place], sentence, *others[place:]]
        (together,) = search(runtime, batch, SpecialIds(), decoding)[place]
        assert together.token_ids == alone.token_ids
        np.testing.assert_allclose(together.attention, alone.attention, atol=1e-5)
    assert len(alone.token_ids) > 2


def test_no_product_with_one_column(tiny_bundle: Path) -> None:
    """No product has one column, for which ONNX Runtime sums less accurately."""
    graph = onnx.load(tiny_bundle / "decoder_step.onnx").graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type in {"MatMul", "Gemm"}]
    weights = [shapes[name] for node in products for name in node.input if name in shapes]
    assert len(weights) >= 5
    assert all(1 not in shape for shape in weights)


@pytest.mark.parametrize("vocabulary", [60, 4000])
def test_sizes_are_read_by_shape_operators_only(tmp_path: Path, vocabulary: int) -> None:
    """Sizes are read only where ONNX Runtime wants them on the host, so no node leaves the GPU."""
    write_graphs(
        Seq2Seq(ModelConfiguration(**SIZES), vocabulary, vocabulary, 0, 40).eval(), tmp_path
    )
    nodes = onnx.load(tmp_path / "decoder_step.onnx").graph.node
    sizes = {name for node in nodes if node.op_type == "Shape" for name in node.output}
    assert sizes
    users = {
        (node.op_type, list(node.input).index(name))
        for name in sizes
        for node in nodes
        if name in node.input
    }
    assert users <= {("Expand", 1), ("TopK", 1), ("Reshape", 1)}
