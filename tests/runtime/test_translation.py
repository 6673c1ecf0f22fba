"""Search and forced decoding on ONNX Runtime, compared with PyTorch."""

from pathlib import Path

import numpy as np
import pytest

from jumok.bundle.folder import load_bundle
from jumok.decoding.batch_search import force, search
from jumok.decoding.options import Decoding
from jumok.runtime.engine import Engine
from jumok.runtime.opening import open_engine
from jumok.training.checkpoint import Checkpoint, load_checkpoint
from jumok.training.network.torch_model import TorchModel


@pytest.fixture(scope="module")
def tiny(tiny_run: Path) -> Checkpoint:
    return load_checkpoint(tiny_run)


@pytest.fixture(scope="module")
def runtime(tiny_bundle: Path) -> Engine:
    return open_engine(load_bundle(tiny_bundle), "cpu", "float32")


@pytest.mark.parametrize("beam", [1, 4])
def test_search(runtime: Engine, tiny: Checkpoint, beam: int) -> None:
    """Results are those of PyTorch, for sentences that end and for those cut at the limit."""
    special = tiny.source.special_ids
    sources = [[*ids, special.end] for ids in tiny.source.encode_ids(tiny.held_out[:33])]
    decoding = Decoding(10, beam=beam)
    expected, found = (
        [best for (best,) in search(model, sources, special, decoding)]
        for model in (TorchModel(tiny.build_model()), runtime)
    )
    assert [each.token_ids for each in found] == [each.token_ids for each in expected]
    assert {len(each.attention) - len(each.token_ids) for each in found} == {0, 1}
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)
        np.testing.assert_allclose(one.log_probs, other.log_probs, atol=1e-4)


def test_force(runtime: Engine, tiny: Checkpoint) -> None:
    """Scores of given translations are those of PyTorch."""
    special = tiny.source.special_ids
    sources = [[*ids, special.end] for ids in tiny.source.encode_ids(tiny.held_out[:9])]
    targets = tiny.target.encode_ids(["I read a book", "", "She went to school yesterday"] * 3)
    expected = force(TorchModel(tiny.build_model()), sources, targets, special)
    for one, other in zip(force(runtime, sources, targets, special), expected, strict=True):
        np.testing.assert_allclose(one.log_probs, other.log_probs, atol=1e-4)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)
