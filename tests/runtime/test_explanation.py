"""Steps with their stages, on ONNX Runtime."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import load_bundle
from jumok.decoding.step_model import StepInput
from jumok.runtime.engine import Engine, ExplainedStep
from jumok.runtime.opening import open_engine


def inputs(engine: Engine, length: int = 3) -> StepInput:
    """Return the input of the first step of a sentence, padded to six positions."""
    ids = np.array([[5, 6, 3][:length] + [0] * (6 - length)])
    encoded = engine.encode(ids, np.array([length], dtype=np.int32))
    state = np.asarray(encoded["decoder_state"])[:, None]
    tensors: dict[str, Any] = {**encoded.tensors, "decoder_state": state}
    one = np.ones((1, 1), dtype=np.int64)
    return StepInput(
        2 * one, 0 * one, one, 4, {**tensors, "source_lengths": encoded.source_lengths}
    )


@pytest.fixture
def engine(tiny_bundle: Path) -> Engine:
    engine = open_engine(load_bundle(tiny_bundle), "cpu")
    engine.open_stages()
    return engine


@pytest.fixture
def explained(engine: Engine) -> ExplainedStep:
    return engine.explain(inputs(engine))


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    exponentials = np.exp(scores - scores.max())
    return np.asarray(exponentials / exponentials.sum())


def test_the_step_is_the_served_one(engine: Engine, explained: ExplainedStep) -> None:
    """An explained step has the same tokens, probabilities and attention, bit for bit."""
    served = engine.step(inputs(engine))
    for name in ("token_ids", "log_probs", "attention", "scored_log_probs"):
        assert np.array_equal(getattr(explained.step, name), getattr(served, name))


def test_equations_hold(engine: Engine, explained: ExplainedStep) -> None:
    """The attention is the softmax of the scores, the context the values weighted by it."""
    stages, attention = explained.stages, explained.step.attention[0, 0]
    assert np.allclose(softmax(stages["scores"][0, 0, :3]), attention[:3], atol=1e-6)
    assert not attention[3:].any()
    context = stages["context"][0, 0]
    values = inputs(engine).tensors["encoder_states"][0, :, : len(context)]
    assert np.allclose(attention @ values, context, atol=1e-6)
    assert np.abs(stages["attentional"]).max() < 1


def test_luong_wiring_concatenates_the_query(explained: ExplainedStep) -> None:
    """With attention after the cell, the query is the state that is concatenated."""
    assert np.array_equal(explained.stages["query"], explained.stages["decoder_output"])


def test_padding_changes_nothing(engine: Engine) -> None:
    """Scores of true positions do not depend on the padding."""
    padded = inputs(engine)
    narrow = {
        name: tensor[:, :3] if tensor.ndim == 3 and name != "decoder_state" else tensor
        for name, tensor in padded.tensors.items()
    }
    found = engine.explain(padded._replace(tensors=narrow)).stages["scores"]
    expected = engine.explain(padded).stages["scores"]
    assert np.allclose(found, expected[:, :, :3], atol=1e-6)


def test_wrong_names_are_refused(tiny_bundle: Path) -> None:
    """A manifest that names a tensor that the graph does not have is refused in one sentence."""
    bundle = load_bundle(tiny_bundle)
    graphs = bundle.manifest.precisions["float32"]
    assert graphs.stages is not None
    tensors = {**graphs.stages.tensors, "scores": "nowhere"}
    stages = graphs.stages.model_copy(update={"tensors": tensors})
    wrong = bundle.manifest.model_copy(
        update={"precisions": {"float32": graphs.model_copy(update={"stages": stages})}}
    )
    engine = open_engine(replace(bundle, manifest=wrong), "cpu")
    with pytest.raises(BundleError, match="cannot be opened") as caught:
        engine.open_stages()
    assert "\n" not in str(caught.value)
