"""Measurements of a translator with canned answers."""

import math

import pytest

from jumok.evaluation.evaluator import likelihood, measure
from jumok.evaluation.test_set import TestSet
from tests.evaluation.conftest import OPTIONS, OUTPUTS, PAIRS, Canned, measured, monotone


def test_in_order() -> None:
    """Translations are in the order of the set, with their sources and references."""
    found = measured()
    assert [sentence.source for sentence in found.report.translations] == list(OUTPUTS)
    assert [sentence.hypothesis for sentence in found.report.translations] == [*OUTPUTS.values()]
    assert [sentence.reference for sentence in found.report.translations] == [
        pair.target for pair in PAIRS
    ]
    assert [translation.text for translation in found.translations] == [*OUTPUTS.values()]


def test_figures() -> None:
    """All figures are computed."""
    found = measured().report
    assert (found.name, found.sentences) == ("toy", 3)
    assert found.text.exact == pytest.approx(1 / 3)
    assert found.bleu_interval.low < found.text.bleu < found.bleu_interval.high
    assert found.length_ratio == 1
    assert [(score.label, score.sentences) for score in found.by_length] == [
        ("1–5", 2),
        ("6–10", 1),
    ]
    assert found.likelihood.loss == pytest.approx(2)
    assert found.likelihood.perplexity == pytest.approx(math.exp(2))
    assert found.alignment["writes"].sentences == 1
    assert found.alignment["writes"].error_rate == 0
    assert found.alignment["reads"].error_rate == 1
    assert found.alignment["posterior"].error_rate == 0
    assert found.attention is not None
    assert found.attention.entropy == 0
    assert found.decoding.tokens == 5 + 2 + 6
    assert found.decoding.tokens_per_second > found.decoding.sentences_per_second > 0


def test_sentences() -> None:
    """Each sentence has its chrF and the log-probability of its translation."""
    right, wrong, _ = measured().report.translations
    assert right.chrf == pytest.approx(100)
    assert wrong.chrf < 20
    assert right.log_prob == pytest.approx(5 * -0.5)


def test_options() -> None:
    """The translator is called with the options, batch by batch, and progress is reported."""
    translator = Canned(OUTPUTS)
    told: list[int] = []
    measure(translator, TestSet("toy", PAIRS), OPTIONS, "en", told.append)
    assert translator.asked == [(2, 2, 0.5, 2), (1, 2, 0.5, 2)]
    assert told == [2, 1, 2, 1]


def test_no_gold() -> None:
    """Without gold links there is no alignment error rate."""
    found = measure(Canned(OUTPUTS), TestSet("toy", PAIRS[:1]), OPTIONS, "en").report
    assert found.alignment == {}


def test_empty_translations() -> None:
    """A system that returns empty translations is scored like any other."""
    silent = measured(changed=dict.fromkeys(OUTPUTS, "")).report
    assert (silent.text.bleu, silent.text.exact, silent.length_ratio) == (0, 0, 0)
    assert silent.attention is not None


def test_likelihood() -> None:
    """The loss is averaged over all tokens, including ends, not over sentences."""
    found = likelihood([monotone("ㄱ", "one", -1.0), monotone("ㄴ", "one two three", -4.0)])
    assert found.tokens == 2 + 4
    assert found.loss == pytest.approx((2 * 1 + 4 * 4) / 6)
    assert found.perplexity == pytest.approx(math.exp(3))
