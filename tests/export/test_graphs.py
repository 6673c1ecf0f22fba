"""The two graphs on ONNX Runtime, against what they must compute."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from bundle.signature import DECODER_STEP, DYNAMIC_AXES, ENCODER, GraphSignature
from export.runtime import RuntimeModel, padded
from training.checkpoint import Checkpoint

BATCH, BEAM, CANDIDATES = 4, 3, 8
LENGTHS = (9, 1, 5, 3)
TYPES: dict[int, str] = {
    onnx.TensorProto.INT32: "int32",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.FLOAT: "float32",
}


def rows(seed: int, lengths: tuple[int, ...] = LENGTHS) -> list[list[int]]:
    """Random source tokens, ended."""
    generator = np.random.default_rng(seed)
    return [[*generator.integers(4, 700, length - 1).tolist(), 3] for length in lengths]


class Step:
    """One step of three hypotheses for each of four sentences."""

    def __init__(self, runtime: RuntimeModel) -> None:
        generator = np.random.default_rng(0)
        self.runtime = runtime
        self.source_ids, self.lengths = padded(rows(0))
        self.encoded = runtime.encode(self.source_ids, self.lengths)
        state = self.encoded[2].shape[1]
        self.state = (generator.normal(size=(BATCH, BEAM, state)) / 2).astype(np.float32)
        self.previous = generator.integers(4, 700, (BATCH, BEAM))

    def run(self, parents: NDArray[np.int64], state: NDArray[np.float32]) -> list[NDArray[Any]]:
        return self.runtime.step(self.previous, parents, state, self.encoded, self.lengths)


@pytest.fixture(scope="module")
def step(runtime: RuntimeModel) -> Step:
    return Step(runtime)


@pytest.fixture(scope="module")
def identity() -> NDArray[np.int64]:
    """Parents that reorder nothing."""
    return np.tile(np.arange(BEAM), (BATCH, 1))


@pytest.mark.parametrize(
    ("name", "signature"), [("encoder.onnx", ENCODER), ("decoder_step.onnx", DECODER_STEP)]
)
def test_signature(tiny_bundle: Path, name: str, signature: GraphSignature) -> None:
    """A graph is one file of opset 20 whose names, types and axes are the signature's."""
    model = onnx.load(tiny_bundle / name, load_external_data=False)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 20)]
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


def test_parents(step: Step, identity: NDArray[np.int64]) -> None:
    """Hypotheses are reordered inside the graph as numpy reorders them outside."""
    parents = np.array([[2, 0, 1], [1, 1, 1], [0, 2, 2], [2, 1, 0]])
    gathered = np.take_along_axis(step.state, parents[:, :, None], axis=1)
    inside, outside = step.run(parents, step.state), step.run(identity, gathered)
    for found, wanted in zip(inside, outside, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert np.abs(inside[3] - step.run(identity, step.state)[3]).max() > 1e-2


def test_log_probs(step: Step, identity: NDArray[np.int64], tiny: Checkpoint) -> None:
    """The continuations are the best of a log-softmax over the vocabulary, best first."""
    token_ids, log_probs, _, state = step.run(identity, step.state)
    weight = tiny.model["decoder.embedding.weight"].double().numpy()
    bias = tiny.model["decoder.generator.bias"].double().numpy()
    logits = state[:, :, -weight.shape[1] :].astype(np.float64) @ weight.T + bias
    everything = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    best = -np.sort(-everything, axis=2)[:, :, :CANDIDATES]
    assert token_ids.shape == (BATCH, BEAM, CANDIDATES)
    np.testing.assert_allclose(log_probs, best, atol=1e-5)
    named = np.take_along_axis(everything, token_ids.astype(np.int64), axis=2)
    np.testing.assert_allclose(log_probs, named, atol=1e-5)
    assert all(len(set(row)) == CANDIDATES for row in token_ids.reshape(-1, CANDIDATES).tolist())


def test_attention(step: Step, identity: NDArray[np.int64]) -> None:
    """Each row of attention sums to 1 over true positions and is 0 at padding."""
    attention = step.run(identity, step.state)[2]
    padding = np.arange(9) >= step.lengths[:, None, None]
    assert not attention[np.broadcast_to(padding, attention.shape)].any()
    np.testing.assert_allclose(attention.sum(axis=2), 1, atol=1e-6)


def test_padding_is_not_seen(runtime: RuntimeModel) -> None:
    """Whatever stands at padding, true positions get the same, to the bit."""
    source_ids, lengths = padded(rows(0))
    true = np.arange(9) < lengths[:, None]
    clean = runtime.encode(source_ids, lengths)
    dirty = runtime.encode(np.where(true, source_ids, 77), lengths)
    for found, wanted in zip(dirty[:2], clean[:2], strict=True):
        np.testing.assert_array_equal(found[true], wanted[true])
    np.testing.assert_array_equal(dirty[2], clean[2])


def test_smallest(runtime: RuntimeModel, tiny: Checkpoint) -> None:
    """One sentence of one position with one hypothesis is no special case."""
    source_ids, lengths = padded([[3]])
    encoded = runtime.encode(source_ids, lengths)
    token_ids, _, attention, _ = runtime.step(
        np.array([[2]]), np.array([[0]]), encoded[2][:, None], encoded, lengths
    )
    assert attention.tolist() == [[[1.0]]]
    model = tiny.build_model()
    greedy = model.greedy(torch.tensor([[3]]), torch.tensor([1]), 2, -1, 1)
    assert token_ids[0, 0, 0] == greedy.token_ids[0][0]


def test_company(runtime: RuntimeModel) -> None:
    """A sentence gets the same tokens and attention alone and among 32 of other lengths."""
    sentence = rows(1, (8,))[0]
    others = rows(2, tuple(2 + 38 * n // 31 for n in range(32)))
    (alone,) = runtime.greedy([sentence], 2, 3, 24)
    for place in (0, 15, 32):
        company = [*others[:place], sentence, *others[place:]]
        together = runtime.greedy(company, 2, 3, 24)[place]
        assert together[0] == alone[0]
        np.testing.assert_allclose(together[1], alone[1], atol=1e-5)
    assert len(alone[0]) > 2
