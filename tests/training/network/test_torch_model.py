"""The PyTorch model with the interface of the graphs, against the model itself."""

import numpy as np
import torch

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.batch_search import force, pad
from jumok.training.network.seq2seq import Seq2Seq
from jumok.training.network.torch_model import TorchModel
from tests.steps import step
from tests.training.conftest import BEGIN

SOURCES = [[5, 9, 12, 3], [7, 3], [4, 4, 8, 15, 11, 3]]
TARGETS = [[6, 20, 5], [], [9, 9]]


def test_encode(model: Seq2Seq) -> None:
    """It encodes as the model does and returns the lengths."""
    source_ids, lengths = pad(SOURCES)
    encoded = TorchModel(model).encode(source_ids, lengths)
    with torch.no_grad():
        memory, state = model.encode(torch.from_numpy(source_ids), torch.from_numpy(lengths).long())
    np.testing.assert_array_equal(encoded["encoder_states"], memory.encoder_states)
    np.testing.assert_array_equal(encoded["projected_keys"], memory.projected_keys)
    np.testing.assert_array_equal(encoded["decoder_state"], state)
    np.testing.assert_array_equal(encoded.source_lengths, lengths)


def test_teacher_forcing(model: Seq2Seq) -> None:
    """Forced decoding gives the log-probabilities and attention of teacher forcing."""
    special = SpecialIds()
    for source, target, found in zip(
        SOURCES, TARGETS, force(TorchModel(model), SOURCES, TARGETS, special), strict=True
    ):
        with torch.no_grad():
            logits, attention = model(
                torch.tensor([source]),
                torch.tensor([len(source)]),
                torch.tensor([[BEGIN, *target]]),
            )
        log_probs = logits[0].log_softmax(dim=1)
        expected = log_probs[torch.arange(len(target) + 1), [*target, special.end]]
        np.testing.assert_allclose(found.log_probs, expected, atol=1e-5)
        np.testing.assert_allclose(found.attention, attention[0], atol=1e-6)
        assert found.token_ids == tuple(target)


def test_evaluation_mode(model: Seq2Seq) -> None:
    """There is no dropout, even if the model is trained in between."""
    runs = []
    for _ in range(2):
        model.train()
        runs.append(TorchModel(model).encode(*pad(SOURCES))["encoder_states"])
    np.testing.assert_array_equal(runs[0], runs[1])


def test_small_vocabulary(model: Seq2Seq) -> None:
    """There are at most as many candidates as tokens in the vocabulary."""
    encoded = TorchModel(model).encode(*pad([[5, 3]]))
    begin, parent, end = np.array([[[2]], [[0]], [[3]]])
    state = encoded["decoder_state"][:, None]
    outputs = step(TorchModel(model), begin, parent, end, state, encoded, candidates=30)
    assert outputs.token_ids.shape == (1, 1, 22)
