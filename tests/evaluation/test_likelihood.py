"""Loss and perplexity of references."""

import math

import pytest

from jumok.evaluation.likelihood import likelihood
from tests.evaluation.conftest import monotone


def test_over_tokens() -> None:
    """The loss is averaged over all tokens, ends counted, and not over sentences."""
    found = likelihood([monotone("ㄱ", "one", -1.0), monotone("ㄴ", "one two three", -4.0)])
    assert found.tokens == 2 + 4
    assert found.loss == pytest.approx((2 * 1 + 4 * 4) / 6)
    assert found.perplexity == pytest.approx(math.exp(3))
