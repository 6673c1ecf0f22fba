"""A sentence and its translation."""

from dataclasses import dataclass

from jumok.bundle.words import Span

Links = frozenset[tuple[int, int]]
"""Word alignment: (source word, target word), counted from 0."""


@dataclass(frozen=True, slots=True)
class GoldAlignment:
    """Links that must be found and links that may be (Och & Ney 2003); sure ⊆ possible.

    Attributes:
        annotated_targets: the target words whose links were looked for; none where all were. A
            link of another target word is neither right nor wrong.
    """

    sure: Links
    possible: Links
    annotated_targets: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence, its translation, and their word alignment where it is known.

    Attributes:
        source_words: what the alignment's source words are, in code points of the source; none
            where they are the runs of characters between white space.
        target_words: likewise.
    """

    source: str
    target: str
    alignment: GoldAlignment | None = None
    source_words: tuple[Span, ...] | None = None
    target_words: tuple[Span, ...] | None = None
