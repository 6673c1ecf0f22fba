"""Divide rows into parts, and remove training pairs that would leak held-out sentences."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.configuration import HeldOut
from jumok.training.data.parallel_text import Row

_EDGES = re.compile(r"(?<!\w)[^\w\s]+|[^\w\s]+(?!\w)")


def part_of(row: Row, held_out: HeldOut) -> str:
    """Return the part of a row, "train", "dev" or "test", by its group or else its target."""
    place = share(row.group or row.target)
    if place < held_out.dev:
        return "dev"
    return "test" if place < held_out.dev + held_out.test else "train"


def share(key: str) -> float:
    """Map a key to a number in [0, 1), uniformly and reproducibly."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def sampled(rows: list[Row], limit: int | None) -> list[Row]:
    """Return a reproducible sample of at most `limit` rows, in order."""
    if limit is None or len(rows) <= limit:
        return rows
    shares = [share(f"{row.source}\t{row.target}") for row in rows]
    chosen = sorted(range(len(rows)), key=shares.__getitem__)[:limit]
    return [rows[index] for index in sorted(chosen)]


def normalised(text: str) -> str:
    """Return a form of a text in which its spelling variants are equal.

    Ignores case, Unicode form, white space (Korean spacing varies) and punctuation at the edges of
    words; keeps the punctuation of a text that has nothing else.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_EDGES.sub(" ", folded).split()) or "".join(folded.split())


class HeldOutSides:
    """The sources and targets of held-out pairs, compared by `normalised`."""

    def __init__(self) -> None:
        """Start without held-out pairs."""
        self._sources: set[str] = set()
        self._targets: set[str] = set()

    def add(self, pairs: Iterable[SentencePair]) -> None:
        """Hold out more pairs."""
        for pair in pairs:
            self._sources.add(normalised(pair.source))
            self._targets.add(normalised(pair.target))

    def without(self, pairs: Iterable[SentencePair]) -> list[SentencePair]:
        """Return the pairs of which neither side is held out."""
        return [
            pair
            for pair in pairs
            if normalised(pair.source) not in self._sources
            and normalised(pair.target) not in self._targets
        ]
