"""Alignment error rate by hand."""

import pytest

from jumok.training.alignment_error import alignment_score
from jumok.training.sentence_pair import GoldAlignment

SURE = frozenset({(0, 0), (1, 1)})
POSSIBLE = SURE | {(1, 2), (2, 2)}


def test_by_hand() -> None:
    """Possible links are no errors, but only sure ones are missed (Och & Ney 2003)."""
    # |A| = 3, of them 1 sure and 2 possible; |S| = 2
    links = frozenset({(0, 0), (1, 2), (0, 3)})
    score = alignment_score([(links, GoldAlignment(SURE, POSSIBLE))])
    assert score.error_rate == pytest.approx(1 - (1 + 2) / (3 + 2))
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(1 / 2)


def test_perfect() -> None:
    """All sure links and any possible ones make no error."""
    for links in (SURE, POSSIBLE, SURE | {(2, 2)}):
        score = alignment_score([(links, GoldAlignment(SURE, POSSIBLE))])
        assert (score.error_rate, score.precision, score.recall) == (0, 1, 1)


def test_over_a_corpus() -> None:
    """Links are counted over the corpus, not averaged over its sentences."""
    gold = GoldAlignment(SURE, SURE)
    score = alignment_score([(SURE, gold), (frozenset({(5, 5)}), gold), (frozenset(), gold)])
    assert score.error_rate == pytest.approx(1 - (2 + 2) / (3 + 6))
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(2 / 6)


def test_nothing() -> None:
    """No links where some are wanted are all wrong."""
    score = alignment_score([(frozenset(), GoldAlignment(SURE, POSSIBLE))])
    assert (score.error_rate, score.precision, score.recall) == (1, 0, 0)


def test_annotated_targets() -> None:
    """Where some target words were annotated, links of the others count for nothing."""
    links = frozenset({(0, 0), (1, 1), (7, 3), (8, 4)})
    gold = GoldAlignment(SURE, SURE, frozenset({0, 1, 3}))
    score = alignment_score([(links, gold)])
    assert score.error_rate == pytest.approx(1 - (2 + 2) / (3 + 2))
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == 1
    everything = alignment_score([(links, GoldAlignment(SURE, SURE))])
    assert everything.precision == pytest.approx(2 / 4)


def test_sentences() -> None:
    """The number of sentences with gold links is told."""
    gold = GoldAlignment(SURE, POSSIBLE)
    assert alignment_score([(SURE, gold), (frozenset(), gold)]).sentences == 2
