"""The exported step's ranking, against a log-softmax over the vocabulary."""

import pytest
import torch
from torch import Tensor

from jumok.bundle.signature import MOST_CANDIDATES
from jumok.training.network.ranked_step import RankedStep, ranked
from jumok.training.network.seq2seq import Seq2Seq

BATCH, BEAM, CANDIDATES = 2, 3, 4
LENGTHS = torch.tensor([6, 4], dtype=torch.int32)
IDS = torch.randint(4, 20, (BATCH, 6), generator=torch.Generator().manual_seed(0))
PREVIOUS_IDS = torch.tensor([[4, 5, 6], [7, 8, 9]])
PARENTS = torch.tensor([[2, 0, 0], [1, 1, 2]])
SCORED_IDS = torch.tensor([[0, 21, 5], [3, 3, 7]])


def run(model: Seq2Seq, state: Tensor, parents: Tensor = PARENTS) -> tuple[Tensor, ...]:
    """Do one step from a packed state."""
    memory, _ = model.encode(IDS, LENGTHS.long())
    step = RankedStep(model.decoder)
    outputs: tuple[Tensor, ...] = step(
        PREVIOUS_IDS, parents, SCORED_IDS, state, *memory[:2], LENGTHS, torch.arange(CANDIDATES)
    )
    return outputs


@torch.no_grad()
@pytest.mark.parametrize("bias", [0, 1000])
def test_ranking(model: Seq2Seq, bias: float) -> None:
    """The best tokens come first; log-probabilities are normalised over the whole vocabulary."""
    decoder = model.decoder
    decoder.generator.bias.add_(bias)
    state = torch.randn(BATCH, BEAM, decoder.state_size)
    token_ids, log_probs, attention, after, scored = run(model, state)
    memory, _ = model.encode(IDS, LENGTHS.long())
    gathered = torch.stack([state[row][PARENTS[row]] for row in range(BATCH)])
    gates, readout = decoder.read(PREVIOUS_IDS)
    expected, features, attended = decoder.step(gates, decoder.unpack(gathered), memory)
    everything = decoder.logits(features, readout).double().log_softmax(dim=2).float()
    best = everything.topk(CANDIDATES, dim=2)
    torch.testing.assert_close(log_probs, best.values, atol=1e-3 if bias else 1e-5, rtol=0)
    assert torch.equal(token_ids, best.indices)
    torch.testing.assert_close(
        scored,
        everything.gather(2, SCORED_IDS.unsqueeze(2)).squeeze(2),
        atol=1e-3 if bias else 1e-5,
        rtol=0,
    )
    torch.testing.assert_close(attention, attended)
    torch.testing.assert_close(after, decoder.pack(expected))


@torch.no_grad()
def test_parents(model: Seq2Seq) -> None:
    """A hypothesis continues from the state of its parent."""
    state = torch.randn(BATCH, BEAM, model.decoder.state_size)
    identity = torch.arange(BEAM).expand(BATCH, -1)
    gathered = torch.stack([state[row][PARENTS[row]] for row in range(BATCH)])
    for found, wanted in zip(run(model, state), run(model, gathered, identity), strict=True):
        assert torch.equal(found, wanted)
    assert not torch.equal(run(model, state)[3], run(model, state, identity)[3])


@pytest.mark.parametrize("count", [1, 6, MOST_CANDIDATES])
@pytest.mark.parametrize("words", [600, 4099, 8000])
def test_a_large_vocabulary(words: int, count: int) -> None:
    """The best tokens are found for any size of the vocabulary."""
    scores = torch.randn(2, 3, words, generator=torch.Generator().manual_seed(0))
    best, token_ids = ranked(scores, count)
    expected = scores.topk(count, dim=2)
    assert torch.equal(best, expected.values)
    assert torch.equal(token_ids, expected.indices)


def test_the_best_in_one_column() -> None:
    """The best tokens are found even if they share a column or have equal scores."""
    scores = torch.zeros(1, 1, 8000)
    scores[0, 0, 7::800] = torch.arange(10.0) + 1
    best, token_ids = ranked(scores, 12)
    assert best[0, 0].tolist() == [*range(10, 0, -1), 0, 0]
    assert token_ids[0, 0, :10].tolist() == list(range(7207, 0, -800))
    assert len(set(token_ids[0, 0].tolist())) == 12
