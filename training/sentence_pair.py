"""A sentence and its translation."""

from dataclasses import dataclass

Links = frozenset[tuple[int, int]]
"""Word alignment: (source word, target word), counted from 0."""


@dataclass(frozen=True, slots=True)
class GoldAlignment:
    """Links that must be found and links that may be (Och & Ney 2003); sure ⊆ possible."""

    sure: Links
    possible: Links


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence, its translation, and their word alignment where it is known."""

    source: str
    target: str
    alignment: GoldAlignment | None = None
