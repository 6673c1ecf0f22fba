"""Which step's attention says what a target token corresponds to."""

from typing import Literal, get_args

from bundle.alignment import word_alignment
from training.sentence_pair import Links
from training.translation import Translation

AlignmentRule = Literal["writes", "reads", "posterior"]
"""The step that writes a token, the next one, which reads it in as the previous token, or the
first of them in hindsight, corrected by the token that it wrote."""

ALIGNMENT_RULES: tuple[AlignmentRule, ...] = get_args(AlignmentRule)


def word_links(translation: Translation, rule: AlignmentRule = "writes") -> Links:
    """Link each target word to the source word that the steps of its tokens attend to most.

    By "reads" a token that was the last before a translation was cut off has no step; "posterior"
    is for a translation that has such attention.
    """
    attention = translation.posterior if rule == "posterior" else translation.attention
    assert attention is not None, "posterior attention was not asked for"
    first = 1 if rule == "reads" else 0
    rows = attention[first : first + len(translation.target_words)]
    links = word_alignment(rows, translation.source_words, translation.target_words[: len(rows)])
    return frozenset((link.source_word, link.target_word) for link in links)
