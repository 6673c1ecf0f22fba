"""Word alignment, read off attention.

A target word is linked to the source word that gets most of the attention of the steps that write
the target word's tokens; or, by another rule, of other steps.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

AlignmentRule = Literal["writes", "reads", "posterior"]
"""Whose attention says what a target token corresponds to: that of the step that writes it, of the
next one, which reads it in as the previous token, or of the first of them in hindsight, corrected
by the token that it wrote."""

ALIGNMENT_RULES: Final[tuple[AlignmentRule, ...]] = get_args(AlignmentRule)


class WordLink(NamedTuple):
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
) -> tuple[WordLink, ...]:
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
    # as products, for there are few words and this is done for every translation
    to_source, to_target = _members(source_words), _members(target_words)
    shares = to_target.T @ attention[:, : len(source_words)].astype(np.float64) @ to_source
    counts = to_target.sum(axis=0).tolist()
    best = shares.argmax(axis=1).tolist()
    largest = shares.max(axis=1).tolist()
    return tuple(
        WordLink(source, target, weight / count)
        for target, (source, weight, count) in enumerate(zip(best, largest, counts, strict=True))
        if weight > 0
    )


def _members(words: Sequence[int]) -> NDArray[np.float64]:
    """Tell tokens by words: float64 [token, word], 1 where the token is of the word."""
    members: NDArray[np.bool_] = np.asarray(words)[:, None] == np.arange(max(words) + 1)
    return members.astype(np.float64)
