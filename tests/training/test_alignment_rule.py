"""Word alignment of a translation, by the step that writes a token and by others."""

from dataclasses import replace

import numpy as np

from jumok.training.alignment_rule import word_links
from jumok.training.translation import Translation


def translation(*rows: tuple[float, ...], words: tuple[int, ...] = (0, 1)) -> Translation:
    attention = np.array(rows, dtype=np.float32)
    log_probs = np.zeros(len(rows), dtype=np.float32)
    return Translation("a b", (5,) * len(words), log_probs, attention, (0, 1), words)


def test_writes() -> None:
    """The step that writes a word links it."""
    ended = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2), (0.9, 0.1, 0))
    assert word_links(ended) == word_links(ended, "writes") == {(0, 0), (1, 1)}


def test_reads() -> None:
    """The step that reads a word in, the one after, links it; the end's reads the last."""
    ended = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2), (0.9, 0.1, 0))
    assert word_links(ended, "reads") == {(1, 0), (0, 1)}


def test_posterior() -> None:
    """In hindsight a word may be linked elsewhere than its step looked."""
    ended = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2), (0.9, 0.1, 0))
    corrected = np.array([(0.3, 0.7, 0), (0.9, 0.1, 0), (0, 0, 1)], dtype=np.float32)
    assert word_links(replace(ended, posterior=corrected), "posterior") == {(1, 0), (0, 1)}


def test_cut_off() -> None:
    """The last word of a translation that was cut off is read by no step."""
    cut_off = translation((0.8, 0.2, 0), (0.1, 0.7, 0.2))
    assert word_links(cut_off) == {(0, 0), (1, 1)}
    assert word_links(cut_off, "reads") == {(1, 0)}


def test_empty() -> None:
    """An empty translation has no links."""
    assert word_links(translation((0.2, 0.3, 0.5), words=())) == frozenset()
    assert word_links(translation((0.2, 0.3, 0.5), words=()), "reads") == frozenset()
