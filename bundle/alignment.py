"""Word alignment, read off attention.

A target word is linked to the source word that gets most of the attention of the steps that write
the target word's tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AlignmentLink:
    """A source word and a target word that correspond.

    Attributes:
        source_word: index of the source word.
        target_word: index of the target word.
        weight: share of the target word's attention that the source word got, 0 to 1.
    """

    source_word: int
    target_word: int
    weight: float


def word_alignment(
    attention: NDArray[np.float32],
    source_words: Sequence[int],
    target_words: Sequence[int],
) -> tuple[AlignmentLink, ...]:
    """Link each target word to the source word that it attends to most.

    Args:
        attention: float32 [target, source], one row for each token of the translation; a row may
            have more positions than `source_words` (the end of the sentence), which link nothing.
        source_words: for each source token its word.
        target_words: for each target token its word.

    Returns:
        One link for each target word whose steps attend to a source word at all.
    """
    if not source_words or not target_words:
        return ()
    shares = np.zeros((max(target_words) + 1, max(source_words) + 1), dtype=np.float64)
    counts = np.zeros(len(shares))
    by_word = np.zeros((len(attention), shares.shape[1]), dtype=np.float64)
    np.add.at(by_word.T, np.asarray(source_words), attention.T[: len(source_words)])
    np.add.at(shares, np.asarray(target_words), by_word)
    np.add.at(counts, np.asarray(target_words), 1)
    return tuple(
        AlignmentLink(int(row.argmax()), word, float(row.max() / count))
        for word, (row, count) in enumerate(zip(shares, counts, strict=True))
        if count and row.any()
    )
