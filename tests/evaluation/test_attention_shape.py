"""Entropy and coverage of handmade attention."""

import math

import numpy as np
import pytest

from jumok.evaluation.attention_shape import attention_shape
from jumok.evaluation.scoring.batch_translator import AttendedTranslation
from tests.evaluation.conftest import monotone


def attending(*rows: tuple[float, ...], source_words: tuple[int, ...]) -> AttendedTranslation:
    """Make a translation with the given attention; the last row is that of the end."""
    return AttendedTranslation(
        "a",
        (5,) * (len(rows) - 1),
        np.zeros(len(rows), dtype=np.float32),
        np.array(rows, dtype=np.float32),
        source_words,
        tuple(range(len(rows) - 1)),
    )


def test_sharp() -> None:
    """Attention to one word after another has entropy 0 and covers all words."""
    found = attention_shape([monotone("ㄱ ㄴ ㄷ", "a b c")])
    assert found is not None
    assert (found.entropy, found.normalised_entropy) == (0, 0)
    assert (found.coverage, found.coverage_deviation) == (1, 0)


def test_uniform() -> None:
    """Uniform attention has the maximum entropy."""
    rows = ((0.25,) * 4,) * 3
    found = attention_shape([attending(*rows, source_words=(0, 1, 2))])
    assert found is not None
    assert found.entropy == pytest.approx(math.log(4))
    assert found.normalised_entropy == pytest.approx(1)
    assert found.coverage_deviation == pytest.approx(0.25)


def test_by_word() -> None:
    """A word's coverage is that of its tokens together; the end is not a word."""
    rows = ((0.4, 0.3, 0.3, 0.0), (0.1, 0.1, 0.2, 0.6))
    found = attention_shape([attending(*rows, source_words=(0, 1, 1))])
    assert found is not None
    assert found.coverage == 1 / 2  # the second row attends to the end most
    assert found.coverage_deviation == pytest.approx((0.5 + 0.6 + 0.5) / 3)


def test_over_all() -> None:
    """Rows, words and source tokens of all translations are averaged."""
    uniform = attending((0.5, 0.5), source_words=(0,))
    found = attention_shape([uniform, monotone("ㄱ ㄴ ㄷ", "a b")])
    assert found is not None
    assert found.entropy == pytest.approx(math.log(2) / 4)
    assert found.normalised_entropy == pytest.approx(1 / 4)
    assert found.coverage == 1  # of four words, the third by the end's row


def test_no_attention() -> None:
    """If all attention is 0, there are no measures."""
    assert attention_shape([attending((0.0, 0.0), source_words=(0,))]) is None
