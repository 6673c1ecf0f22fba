"""Additive attention against its formula."""

import numpy as np
import torch

from training.attention import AdditiveAttention

BATCH, BEAM, SOURCE, QUERY, ENCODER, KEY = 3, 2, 5, 7, 6, 4
LENGTHS = (5, 1, 3)


def test_formula() -> None:
    """Energies are vᵀ tanh(W q + b + U h), the context is the sum by their softmax."""
    torch.manual_seed(0)
    attention = AdditiveAttention(QUERY, ENCODER, KEY)
    query, states = torch.randn(BATCH, BEAM, QUERY), torch.randn(BATCH, SOURCE, ENCODER)
    mask = (torch.arange(SOURCE) < torch.tensor(LENGTHS).unsqueeze(1)).unsqueeze(1)
    with torch.no_grad():
        context, rows = attention(query, attention.project_keys(states), states, mask)
    w, b, u, v = (
        parameter.detach().numpy().astype(np.float64)
        for parameter in (
            attention.query.weight,
            attention.query.bias,
            attention.key.weight,
            attention.energy.weight[0],
        )
    )
    for sentence, length in enumerate(LENGTHS):
        values = states[sentence, :length].numpy()
        for hypothesis in range(BEAM):
            q = query[sentence, hypothesis].numpy()
            energies = np.array([v @ np.tanh(w @ q + b + u @ value) for value in values])
            expected = np.exp(energies) / np.exp(energies).sum()
            found = rows[sentence, hypothesis].numpy()
            np.testing.assert_allclose(found[:length], expected, atol=1e-6)
            assert not found[length:].any()
            np.testing.assert_allclose(
                context[sentence, hypothesis].numpy(), expected @ values, atol=1e-5
            )


def test_rows_sum_to_one() -> None:
    """Rows sum to 1 over true positions and are 0 elsewhere, even where one energy dwarfs all."""
    torch.manual_seed(0)
    attention = AdditiveAttention(QUERY, ENCODER, KEY)
    states = torch.randn(BATCH, SOURCE, ENCODER) * 1000
    mask = (torch.arange(SOURCE) < torch.tensor(LENGTHS).unsqueeze(1)).unsqueeze(1)
    with torch.no_grad():
        attention.energy.weight *= 1000
        keys = attention.project_keys(states)
        _, rows = attention(torch.randn(BATCH, BEAM, QUERY), keys, states, mask)
    torch.testing.assert_close(rows.sum(dim=2), torch.ones(BATCH, BEAM))
    assert not rows.masked_select(~mask).any()
