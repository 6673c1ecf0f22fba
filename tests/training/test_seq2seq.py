"""The seq2seq: teacher forcing and greedy search over one step."""

import math

import pytest
import torch

from training.batches import pad
from training.model_configuration import Model
from training.seq2seq import Seq2Seq

PADDING, BEGIN, END = 0, 2, 3
LENGTHS = torch.tensor([3, 9, 1, 6])


@pytest.fixture
def source_ids() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    rows = [torch.randint(4, 20, (n,), generator=generator).tolist() for n in LENGTHS.tolist()]
    return pad(rows, PADDING)


@torch.no_grad()
def test_padding_never_matters(model: Seq2Seq, source_ids: torch.Tensor) -> None:
    """A pair gets the same logits and attention alone and in a ragged batch."""
    previous_ids = torch.randint(4, 22, (4, 5))
    logits, attention = model(source_ids, LENGTHS, previous_ids)
    assert attention.shape == (4, 5, 9)
    for row, length in enumerate(LENGTHS.tolist()):
        one = slice(row, row + 1)
        alone, attended = model(source_ids[one, :length], LENGTHS[one], previous_ids[one, :3])
        torch.testing.assert_close(logits[one, :3], alone, atol=1e-6, rtol=1e-6)
        torch.testing.assert_close(attention[one, :3, :length], attended, atol=1e-6, rtol=0)
        assert not attention[row, :, length:].any()


@torch.no_grad()
def test_teacher_forcing(model: Seq2Seq, source_ids: torch.Tensor) -> None:
    """Teacher forcing is the exported step, taken by hand."""
    previous_ids = torch.randint(4, 22, (4, 5))
    logits, attention = model(source_ids, LENGTHS, previous_ids)
    memory, state = model.encode(source_ids, LENGTHS)
    state = state.unsqueeze(1)
    for at in range(5):
        embedded = model.decoder.embed(previous_ids[:, at : at + 1])
        state, row = model.decoder.step(embedded, state, memory)
        torch.testing.assert_close(attention[:, at], row[:, 0], atol=1e-6, rtol=0)
        torch.testing.assert_close(
            logits[:, at], model.decoder.logits(state)[:, 0], atol=1e-6, rtol=1e-6
        )


def test_greedy(model: Seq2Seq, source_ids: torch.Tensor) -> None:
    """Greedy search takes the best token under teacher forcing, each step, until the end."""
    found = model.greedy(source_ids, LENGTHS, BEGIN, END, 8)
    assert len({tuple(ids) for ids in found.token_ids}) > 1
    for row, (ids, attended) in enumerate(zip(found.token_ids, found.attention, strict=True)):
        assert END not in ids
        length = int(LENGTHS[row])
        previous_ids = torch.tensor([[BEGIN, *ids]])
        with torch.no_grad():
            logits, attention = model(
                source_ids[row : row + 1, :length], LENGTHS[row : row + 1], previous_ids
            )
        written = [*ids, END] if len(attended) > len(ids) else ids
        assert logits[0].argmax(dim=1).tolist()[: len(written)] == written
        torch.testing.assert_close(attended, attention[0, : len(written)], atol=1e-6, rtol=0)


def test_greedy_stops_at_end(model: Seq2Seq, source_ids: torch.Tensor) -> None:
    """A sentence that ends at once has no token, and a row of attention for the end."""
    with torch.no_grad():
        model.decoder.generator.bias[END] = 1000
    found = model.greedy(source_ids, LENGTHS, BEGIN, END, 8)
    assert found.token_ids == [[]] * 4
    assert [rows.shape for rows in found.attention] == [(1, n) for n in LENGTHS.tolist()]


def test_greedy_stops_at_limit(model: Seq2Seq, source_ids: torch.Tensor) -> None:
    """A sentence that never ends has as many tokens as are allowed, and as many rows."""
    with torch.no_grad():
        model.decoder.generator.bias[7] = 1000
    found = model.greedy(source_ids, LENGTHS, BEGIN, END, 8)
    assert found.token_ids == [[7] * 8] * 4
    assert [rows.shape for rows in found.attention] == [(8, n) for n in LENGTHS.tolist()]


def test_greedy_end_after_last_token(model: Seq2Seq, source_ids: torch.Tensor) -> None:
    """An end that comes right after the last token allowed is still an end."""
    free = model.greedy(source_ids, LENGTHS, BEGIN, END, 8).token_ids
    row, limit = next(
        (row, at) for row, ids in enumerate(free) for at in range(1, 8) if ids[at] not in ids[:at]
    )
    found = model.greedy(source_ids, LENGTHS, BEGIN, free[row][limit], limit)
    assert found.token_ids[row] == free[row][:limit]
    assert len(found.attention[row]) == limit + 1


def test_company_never_matters(model: Seq2Seq, source_ids: torch.Tensor) -> None:
    """A sentence is translated the same alone and among others."""
    together = model.greedy(source_ids, LENGTHS, BEGIN, END, 8)
    for row, length in enumerate(LENGTHS.tolist()):
        one = slice(row, row + 1)
        alone = model.greedy(source_ids[one, :length], LENGTHS[one], BEGIN, END, 8)
        assert alone.token_ids[0] == together.token_ids[row]
        torch.testing.assert_close(alone.attention[0], together.attention[row], atol=1e-6, rtol=0)


def test_first_weights(sizes: Model) -> None:
    """Embeddings start with variance 1 / size, so that tied logits start with variance 1."""
    model = Seq2Seq(sizes.model_copy(update={"embedding_size": 64}), 2000, 2000, PADDING)
    for embedding in (model.encoder.embedding, model.decoder.embedding):
        assert float(embedding.weight.detach().std()) == pytest.approx(1 / math.sqrt(64), rel=0.02)
        assert not embedding.weight[PADDING].any()
