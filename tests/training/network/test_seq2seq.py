"""The seq2seq model in all its architectures."""

import math

import pytest
import torch
from torch import Tensor

from jumok.training.data.batches import pad
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.score_function import SCORE_FUNCTIONS
from jumok.training.network.seq2seq import Seq2Seq
from tests.training.conftest import FAMILY, PADDING, SOURCE_VOCABULARY, untrained

LENGTHS = torch.tensor([3, 9, 1, 6])
PREVIOUS_IDS = torch.randint(4, 20, (4, 5), generator=torch.Generator().manual_seed(2))


@pytest.fixture(params=FAMILY, ids=str)
def member(request: pytest.FixtureRequest, sizes: ModelConfiguration) -> Seq2Seq:
    """Make an untrained model of each architecture."""
    return untrained(sizes.model_copy(update=request.param))


@pytest.fixture
def source_ids() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    rows = [torch.randint(4, 20, (n,), generator=generator).tolist() for n in LENGTHS.tolist()]
    return pad(rows, PADDING)


@torch.no_grad()
def test_padding_never_matters(member: Seq2Seq, source_ids: Tensor) -> None:
    """A pair has the same logits and attention alone and in a padded batch."""
    logits, attention = member(source_ids, LENGTHS, PREVIOUS_IDS)
    assert attention.shape == (4, 5, 9)
    for row, length in enumerate(LENGTHS.tolist()):
        one = slice(row, row + 1)
        alone, attended = member(source_ids[one, :length], LENGTHS[one], PREVIOUS_IDS[one, :3])
        torch.testing.assert_close(logits[one, :3], alone, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(attention[one, :3, :length], attended, atol=1e-5, rtol=0)
        assert not attention[row, :, length:].any()


@torch.no_grad()
def test_teacher_forcing(member: Seq2Seq, source_ids: Tensor) -> None:
    """Teacher forcing equals the exported step in a loop with a packed state."""
    logits, attention = member(source_ids, LENGTHS, PREVIOUS_IDS)
    memory, packed = member.encode(source_ids, LENGTHS)
    packed = packed.unsqueeze(1)
    decoder = member.decoder
    for at in range(5):
        gates, readout = decoder.read(PREVIOUS_IDS[:, at : at + 1])
        state, features, row = decoder.step(gates, decoder.unpack(packed), memory)
        packed = decoder.pack(state)
        torch.testing.assert_close(attention[:, at], row[:, 0], atol=1e-6, rtol=0)
        torch.testing.assert_close(
            logits[:, at], decoder.logits(features, readout)[:, 0], atol=1e-6, rtol=1e-5
        )


@torch.no_grad()
def test_wanted(member: Seq2Seq, source_ids: Tensor) -> None:
    """Logits of selected positions equal those among all positions."""
    wanted = torch.arange(5) < torch.tensor([[5], [2], [3], [1]])
    everything, attention = member(source_ids, LENGTHS, PREVIOUS_IDS)
    logits, attended = member(source_ids, LENGTHS, PREVIOUS_IDS, wanted)
    torch.testing.assert_close(logits, everything[wanted], atol=1e-6, rtol=1e-5)
    assert torch.equal(attended, attention)


def test_every_weight_learns(member: Seq2Seq, source_ids: Tensor) -> None:
    """Every weight has a gradient; DistributedDataParallel waits for all of them."""
    logits, _ = member.train()(source_ids, LENGTHS, PREVIOUS_IDS[:, :1])
    logits.sum().backward()
    assert [name for name, weight in member.named_parameters() if weight.grad is None] == []


@pytest.mark.parametrize("score", SCORE_FUNCTIONS)
def test_long_source(sizes: ModelConfiguration, score: str) -> None:
    """A source longer than the maximum can be encoded."""
    model = untrained(sizes.model_copy(update={"decoder_size": 10, "score": score}))
    with torch.no_grad():
        _, attention = model(torch.full((1, 40), 5), torch.tensor([40]), torch.tensor([[2]]))
    torch.testing.assert_close(attention.sum(), torch.tensor(1.0))


def test_first_weights(sizes: ModelConfiguration) -> None:
    """Embeddings start with variance 1 / size, so that tied logits start with variance 1."""
    model = Seq2Seq(sizes.model_copy(update={"embedding_size": 64}), 2000, 2000, PADDING, 9)
    for embedding in (model.encoder.embedding, model.decoder.embedding):
        assert float(embedding.weight.detach().std()) == pytest.approx(1 / math.sqrt(64), rel=0.02)
        assert not embedding.weight[PADDING].any()


def test_tied_embeddings(sizes: ModelConfiguration) -> None:
    """Tied embeddings share their weights, which are initialised like others."""
    tied = sizes.model_copy(
        update={"tie_embeddings": True, "tie_output": True, "attentional_size": 6}
    )
    model = Seq2Seq(tied, SOURCE_VOCABULARY, SOURCE_VOCABULARY, PADDING, 9)
    weight = model.encoder.embedding.weight
    assert weight is model.decoder.embedding.weight is model.decoder.generator.weight
    assert not weight[PADDING].any()
    apart = untrained(sizes)
    assert apart.encoder.embedding.weight is not apart.decoder.embedding.weight
