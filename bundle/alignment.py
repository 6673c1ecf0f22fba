"""Word alignment, read off attention.

A target word is linked to the source word that gets most of the attention of the steps that write
the target word's tokens; or, by another rule, of other steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

AlignmentRule = Literal["writes", "reads", "posterior"]
"""Whose attention says what a target token corresponds to: that of the step that writes it, of the
next one, which reads it in as the previous token, or of the first of them in hindsight, corrected
by the token that it wrote."""

ALIGNMENT_RULES: Final[tuple[AlignmentRule, ...]] = get_args(AlignmentRule)


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
    rule: AlignmentRule = "writes",
) -> tuple[AlignmentLink, ...]:
    """Link each target word to the source word that it attends to most.

    Args:
        attention: float32 [target, source], a row for each step, in hindsight where the rule is
            "posterior"; there may be a row for the end more than `target_words`, and a row may
            have more positions than `source_words`: they link nothing.
        source_words: for each source token its word.
        target_words: for each target token its word.
        rule: by "reads" a token that was the last before a translation was cut off has no step.

    Returns:
        One link for each target word whose steps attend to a source word at all.
    """
    first = 1 if rule == "reads" else 0
    attention = attention[first : first + len(target_words)]
    target_words = target_words[: len(attention)]
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
