"""Attention: softmax of energies, and weighted sum."""

import numpy as np
import pytest
import torch

from jumok.training.network.attention import Attention
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.score_function import SCORE_FUNCTIONS

BATCH, BEAM, SOURCE, FEATURES = 3, 2, 5, 6
LENGTHS = (5, 1, 3)
MASK = (torch.arange(SOURCE) < torch.tensor(LENGTHS).unsqueeze(1)).unsqueeze(1)


def make(name: str) -> Attention:
    """Make an attention with a score function."""
    torch.manual_seed(0)
    sizes = ModelConfiguration.model_validate(
        {"score": name, "encoder_size": FEATURES // 2, "decoder_size": FEATURES}
    )
    return Attention(sizes, SOURCE)


@torch.no_grad()
@pytest.mark.parametrize("name", SCORE_FUNCTIONS)
def test_formula(name: str) -> None:
    """Attention is the softmax of energies without padding, the context the weighted sum."""
    attention = make(name)
    query, states = torch.randn(BATCH, BEAM, FEATURES), torch.randn(BATCH, SOURCE, FEATURES)
    memory = attention.remember(states, MASK)
    context, rows = attention(query, memory)
    energies = attention.score(query, memory.projected_keys, MASK).double().numpy()
    for sentence, length in enumerate(LENGTHS):
        for hypothesis in range(BEAM):
            weights = np.exp(energies[sentence, hypothesis, :length])
            expected = weights / weights.sum()
            found = rows[sentence, hypothesis].numpy()
            np.testing.assert_allclose(found[:length], expected, atol=1e-6)
            assert not found[length:].any()
            np.testing.assert_allclose(
                context[sentence, hypothesis], expected @ states[sentence, :length].numpy(), 1e-5
            )


@torch.no_grad()
def test_rows_sum_to_one() -> None:
    """Rows sum to 1 and are 0 at padding, even if one energy is much larger than all others."""
    attention = make("dot")
    memory = attention.remember(torch.randn(BATCH, SOURCE, FEATURES) * 1000, MASK)
    _, rows = attention(torch.randn(BATCH, BEAM, FEATURES) * 1000, memory)
    torch.testing.assert_close(rows.sum(dim=2), torch.ones(BATCH, BEAM))
    assert not rows.masked_select(~MASK).any()


@torch.no_grad()
@pytest.mark.parametrize("name", SCORE_FUNCTIONS)
def test_padding_is_not_seen(name: str) -> None:
    """The values at padding have no effect."""
    attention, query = make(name), torch.randn(BATCH, BEAM, FEATURES)
    clean = torch.randn(BATCH, SOURCE, FEATURES).masked_fill(~MASK.transpose(1, 2), 0)
    dirty = torch.where(MASK.transpose(1, 2), clean, 77)
    context, rows = attention(query, attention.remember(clean, MASK))
    again, rows_again = attention(query, attention.remember(dirty, MASK))
    assert torch.equal(context, again)
    assert torch.equal(rows, rows_again)
