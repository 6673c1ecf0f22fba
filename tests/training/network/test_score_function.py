"""Score functions against their formulas in NumPy."""

import math
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from jumok.training.network.configuration import ModelConfiguration, ScoreName
from jumok.training.network.score_function import SCORE_FUNCTIONS, ScoreFunction

BATCH, BEAM, SOURCE, FEATURES, POSITIONS = 3, 2, 5, 6, 4
LENGTHS = (5, 1, 3)

Array = NDArray[np.float64]
Formula = Callable[[dict[str, Array], Array, Array, int], Any]

FORMULAS: dict[str, Formula] = {
    "additive": lambda w, s, h, i: (
        w["energy.weight"][0]
        @ np.tanh(w["query.weight"] @ s + w["query.bias"] + w["key.weight"] @ h)
    ),
    "dot": lambda w, s, h, i: s @ h,
    "scaled_dot": lambda w, s, h, i: s @ h / math.sqrt(FEATURES),
    "general": lambda w, s, h, i: s @ w["key.weight"] @ h,
    "location": lambda w, s, h, i: w["positions"][min(i, POSITIONS - 1)] @ s,
    "cosine": lambda w, s, h, i: w["strength"] * (s @ h) / np.sqrt((s @ s) * (h @ h)),
}


def make(name: str) -> ScoreFunction:
    """Make a score function in float64, with encoder states of the size of the query."""
    torch.manual_seed(0)
    sizes = ModelConfiguration(encoder_size=FEATURES // 2, decoder_size=FEATURES, attention_size=4)
    return SCORE_FUNCTIONS[name](sizes, POSITIONS).double()


def test_names() -> None:
    """There is a score function for every name in the configuration."""
    assert tuple(SCORE_FUNCTIONS) == get_args(ScoreName)
    assert SCORE_FUNCTIONS.keys() == FORMULAS.keys() | {"none"}


@torch.no_grad()
@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name: str) -> None:
    """Each energy equals the formula of the paper."""
    score, formula = make(name), FORMULAS[name]
    query = torch.randn(BATCH, BEAM, FEATURES, dtype=torch.float64)
    states = torch.randn(BATCH, SOURCE, FEATURES, dtype=torch.float64)
    energies = score(query, score.project_keys(states), torch.ones(BATCH, 1, SOURCE).bool())
    weights = {name: parameter.numpy() for name, parameter in score.named_parameters()}
    expected = [
        [
            [formula(weights, s, h, i) for i, h in enumerate(states[row].numpy())]
            for s in query[row].numpy()
        ]
        for row in range(BATCH)
    ]
    np.testing.assert_allclose(energies.numpy(), expected, atol=1e-12)


@torch.no_grad()
def test_last_state() -> None:
    """Without attention, all weight is on the last position."""
    score, query = make("none"), torch.randn(BATCH, BEAM, FEATURES)
    states = torch.randn(BATCH, SOURCE, FEATURES)
    mask = (torch.arange(SOURCE) < torch.tensor(LENGTHS).unsqueeze(1)).unsqueeze(1)
    energies = score(query, score.project_keys(states), mask)
    attention = energies.masked_fill(~mask, -math.inf).softmax(dim=2)
    for row, length in enumerate(LENGTHS):
        expected = torch.zeros(BEAM, SOURCE)
        expected[:, length - 1] = 1
        assert torch.equal(attention[row], expected)


@torch.no_grad()
@pytest.mark.parametrize("name", SCORE_FUNCTIONS)
def test_nothing_to_read(name: str) -> None:
    """Encoder states of zeros, as at padding, give finite keys and energies."""
    score, query = make(name), torch.zeros(1, 1, FEATURES, dtype=torch.float64)
    keys = score.project_keys(torch.zeros(1, 2, FEATURES, dtype=torch.float64))
    energies = score(query, keys, torch.tensor([[[True, False]]]))
    assert keys.isfinite().all()
    assert not energies.isnan().any()
    assert energies[0, 0, 0].isfinite()


def test_key_strength() -> None:
    """The initial key strength lets the cosine make attention sharp."""
    strength = make("cosine").get_parameter("strength")
    nearest, opposite = torch.tensor([1.0, -1.0]).mul(strength).softmax(dim=0).tolist()
    assert nearest > 0.999 > 0.001 > opposite
