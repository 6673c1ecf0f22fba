"""BLEU by source length."""

import pytest

from jumok.evaluation.bootstrap import bleu_statistics
from jumok.evaluation.length_scores import length_scores


def test_groups() -> None:
    """Sentences are scored by groups of lengths; empty groups are omitted."""
    sources = ["w " * words for words in (1, 5, 6, 10, 61, 200)]
    right, wrong = "a b c d e", "nothing of all that was"
    texts = [right, right, wrong, wrong, right, wrong]
    scores = length_scores(sources, bleu_statistics(texts, [(right,)] * 6, "en"))
    assert [(score.first, score.last) for score in scores] == [(1, 5), (6, 10), (61, None)]
    assert [score.sentences for score in scores] == [2, 2, 2]
    assert [score.label for score in scores] == ["1–5", "6–10", "61+"]
    assert [scores[0].bleu, scores[1].bleu] == [pytest.approx(100), 0]
    assert 0 < scores[2].bleu < 100


def test_interval() -> None:
    """Each group has its own confidence interval."""
    texts = ["a b c d e", "nothing of all that was"]
    (score,) = length_scores(["w", "w"], bleu_statistics(texts, [("a b c d e",)] * 2, "en"))
    assert score.interval.low == 0
    assert score.interval.high == pytest.approx(100)
