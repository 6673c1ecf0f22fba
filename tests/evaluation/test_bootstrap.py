"""BLEU from sufficient statistics, and its confidence interval."""

import pytest
from sacrebleu.metrics.bleu import BLEU

from jumok.evaluation.bootstrap import bleu_interval, bleu_statistics, corpus_bleu

SENTENCES = ["The cat sat on the mat.", "It was a very old cat", "yes", "He reads a book at home"]
REFERENCES = [(sentence,) for sentence in SENTENCES]
TEXTS = ["The cat sat on a mat.", "It was the very old cat", "no", "He reads a book"]


def test_as_sacrebleu() -> None:
    """BLEU computed from statistics equals sacreBLEU's, for all sentences and for some."""
    statistics = bleu_statistics(TEXTS, REFERENCES, "en")
    assert statistics.shape == (4, 10)
    for some in (slice(0, 4), slice(0, 2), slice(2, 3)):
        expected = BLEU().corpus_score(TEXTS[some], [SENTENCES[some]]).score
        assert corpus_bleu(statistics[some]) == pytest.approx(expected)


def test_interval() -> None:
    """The interval contains the score and is reproducible."""
    statistics = bleu_statistics(TEXTS * 5, REFERENCES * 5, "en")
    interval = bleu_interval(statistics)
    assert 0 < interval.low < corpus_bleu(statistics) < interval.high < 100
    assert bleu_interval(statistics) == interval


def test_certain() -> None:
    """If all sentences are equal, the interval is a point."""
    interval = bleu_interval(bleu_statistics(SENTENCES[:1] * 3, REFERENCES[:1] * 3, "en"))
    assert interval.low == pytest.approx(100)
    assert interval.high == pytest.approx(100)


def test_more_sentences() -> None:
    """With more sentences the interval is narrower."""
    few, many = (bleu_interval(bleu_statistics(TEXTS * n, REFERENCES * n, "en")) for n in (2, 50))
    assert many.high - many.low < few.high - few.low
