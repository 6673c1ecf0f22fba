"""Word alignment from attention.

Each target word is linked to the source word that receives most of the attention of its tokens. A
rule says which step's attention counts as that of a token.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

AlignmentRule = Literal["writes", "reads", "posterior"]
"""The attention that aligns a target token: of the step that emits it ("writes"), of the next step,
which reads it as the previous token ("reads"), or posterior attention: that of the step that emits
it, reweighted by the probability of the emitted token ("posterior")."""

ALIGNMENT_RULES: Final[tuple[AlignmentRule, ...]] = get_args(AlignmentRule)


class WordLink(NamedTuple):
    """A pair of corresponding source and target words.

    Attributes:
        source_word: index of the source word.
        target_word: index of the target word.
        weight: share of the target word's attention that the source word receives, 0 to 1.
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
        attention: float32 [target, source], one row per step; posterior attention if the rule is
            "posterior". Rows beyond `target_words` and positions beyond `source_words`, such as
            those of the end, link nothing.
        source_words: word index of each source token.
        target_words: word index of each target token.
        rule: rule to align by. With "reads", the last token of a translation that was cut off has
            no attention.

    Returns:
        One link for each target word that attends to any source word.
    """
    first = 1 if rule == "reads" else 0
    attention = attention[first : first + len(target_words)]
    target_words = target_words[: len(attention)]
    if not source_words or not target_words:
        return ()
    # matrix products are the fastest way for few words, and this runs for every translation
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
    """Return float64 [token, word], 1 where the token belongs to the word."""
    members: NDArray[np.bool_] = np.asarray(words)[:, None] == np.arange(max(words) + 1)
    return members.astype(np.float64)
