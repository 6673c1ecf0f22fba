"""Alignment error rate, and the links of each alignment rule, computed by hand."""

from dataclasses import replace

import numpy as np
import pytest

from jumok.evaluation.scoring.alignment_error import alignment_score, word_links
from jumok.evaluation.scoring.batch_translator import AttendedTranslation
from jumok.evaluation.scoring.sentence_pair import GoldAlignment

SURE = frozenset({(0, 0), (1, 1)})
POSSIBLE = SURE | {(1, 2), (2, 2)}


def test_by_hand() -> None:
    """Possible links are no errors, but only missing sure links lower recall (Och & Ney 2003)."""
    # |A| = 3, of them 1 sure and 2 possible; |S| = 2
    links = frozenset({(0, 0), (1, 2), (0, 3)})
    score = alignment_score([(links, GoldAlignment(SURE, POSSIBLE))])
    assert score.error_rate == pytest.approx(1 - (1 + 2) / (3 + 2))
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(1 / 2)


def test_perfect() -> None:
    """All sure links with any possible links have error rate 0."""
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
    """No links against some gold links have error rate 1."""
    score = alignment_score([(frozenset(), GoldAlignment(SURE, POSSIBLE))])
    assert (score.error_rate, score.precision, score.recall) == (1, 0, 0)


def test_annotated_targets() -> None:
    """If only some target words are annotated, links of others are ignored."""
    links = frozenset({(0, 0), (1, 1), (7, 3), (8, 4)})
    gold = GoldAlignment(SURE, SURE, frozenset({0, 1, 3}))
    score = alignment_score([(links, gold)])
    assert score.error_rate == pytest.approx(1 - (2 + 2) / (3 + 2))
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == 1
    everything = alignment_score([(links, GoldAlignment(SURE, SURE))])
    assert everything.precision == pytest.approx(2 / 4)


def test_sentences() -> None:
    """The score has the number of sentences with gold links."""
    gold = GoldAlignment(SURE, POSSIBLE)
    assert alignment_score([(SURE, gold), (frozenset(), gold)]).sentences == 2


def translation(*rows: tuple[float, ...], words: tuple[int, ...] = (0, 1)) -> AttendedTranslation:
    attention = np.array(rows, dtype=np.float32)
    log_probs = np.zeros(len(rows), dtype=np.float32)
    return AttendedTranslation("a b", (5,) * len(words), log_probs, attention, (0, 1), words)


def test_writes() -> None:
    """A word is linked by the step that writes it."""
    ended = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2), (0.9, 0.1, 0))
    assert word_links(ended) == word_links(ended, "writes") == {(0, 0), (1, 1)}


def test_reads() -> None:
    """A word is linked by the step that reads it, the next one; the last word by the end's step."""
    ended = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2), (0.9, 0.1, 0))
    assert word_links(ended, "reads") == {(1, 0), (0, 1)}


def test_posterior() -> None:
    """Posterior attention can link a word elsewhere than attention does."""
    ended = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2), (0.9, 0.1, 0))
    corrected = np.array([(0.3, 0.7, 0), (0.9, 0.1, 0), (0, 0, 1)], dtype=np.float32)
    assert word_links(replace(ended, posterior=corrected), "posterior") == {(1, 0), (0, 1)}


def test_cut_off() -> None:
    """If a translation is cut off, no step reads its last word."""
    cut_off = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2))
    assert word_links(cut_off) == {(0, 0), (1, 1)}
    assert word_links(cut_off, "reads") == {(1, 0)}


def test_empty() -> None:
    """An empty translation has no links."""
    assert word_links(translation((0.2, 0.3, 0.5), words=())) == frozenset()
    assert word_links(translation((0.2, 0.3, 0.5), words=()), "reads") == frozenset()
