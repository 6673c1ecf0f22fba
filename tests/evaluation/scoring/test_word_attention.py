"""Attention between words."""

import numpy as np
import pytest

from jumok.evaluation.scoring.batch_translator import AttendedTranslation
from jumok.evaluation.scoring.word_attention import attention_by_word, word_map

# 나는 학생+입니다 → I stu+dent
TRANSLATION = AttendedTranslation(
    "I student",
    (5, 6, 7),
    np.zeros(4, dtype=np.float32),
    np.array(
        [
            [0.8, 0.1, 0.05, 0.05],
            [0.0, 1.0, 0.0, 0.0],
            [0.0, 0.5, 0.25, 0.25],
            [0.0, 0.0, 0.0, 1.0],
        ],
        dtype=np.float32,
    ),
    (0, 1, 1),
    (0, 1, 1),
)


def test_by_word() -> None:
    """Weights are summed over a source word's tokens and averaged over a target word's."""
    found = word_map("나는 학생입니다", TRANSLATION)
    assert found.source == ("나는", "학생입니다", "</s>")
    assert found.target == ("I", "student")
    assert found.weights[0] == pytest.approx((0.8, 0.15, 0.05))
    assert found.weights[1] == pytest.approx((0.0, 0.875, 0.125))


def test_rows() -> None:
    """By source word there is a row for each step, including the end, and each sums to 1."""
    by_word = attention_by_word(TRANSLATION, 2)
    assert by_word.shape == (4, 3)
    assert by_word.sum(axis=1) == pytest.approx(np.ones(4))
    assert by_word[3].tolist() == [0, 0, 1]


def test_word_without_token() -> None:
    """A word without tokens has attention 0."""
    odd = AttendedTranslation(
        "a b", (5,), np.zeros(1, np.float32), np.ones((1, 1), np.float32), (), (1,)
    )
    assert word_map("", odd).weights == ((0.0,), (1.0,))


def test_nothing() -> None:
    """An empty translation has no rows."""
    empty = AttendedTranslation(
        "", (), np.zeros(1, np.float32), np.ones((1, 2), np.float32), (0,), ()
    )
    found = word_map("나", empty)
    assert (found.source, found.target, found.weights) == (("나", "</s>"), (), ())
