"""A sentence and its translation."""

from dataclasses import dataclass

from jumok.bundle.words import TextSpan

Links = frozenset[tuple[int, int]]
"""Word alignment: pairs (source word, target word), counted from 0."""


@dataclass(frozen=True, slots=True)
class GoldAlignment:
    """A reference word alignment (Och & Ney 2003).

    Attributes:
        sure: links that a predicted alignment must contain.
        possible: links that it may contain; a superset of `sure`.
        annotated_targets: the target words that were annotated; None if all were. Links of other
            target words are not scored.
    """

    sure: Links
    possible: Links
    annotated_targets: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence and its translation, with their word alignment if it is known.

    Attributes:
        source: the sentence.
        target: its translation.
        alignment: between the words below.
        source_words: spans of the source's words, in code points; None if words are those
            of `jumok.bundle.words`.
        target_words: the same for the target.
        references: further translations that scores accept.
        back_translated: whether the source is a machine translation of the target.
    """

    source: str
    target: str
    alignment: GoldAlignment | None = None
    source_words: tuple[TextSpan, ...] | None = None
    target_words: tuple[TextSpan, ...] | None = None
    references: tuple[str, ...] = ()
    back_translated: bool = False
