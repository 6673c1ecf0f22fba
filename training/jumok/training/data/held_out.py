"""What is held out of training: the part of a row, and pairs that would give it away."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.configuration import HeldOut
from jumok.training.data.parallel_text import Row

_EDGES = re.compile(r"(?<!\w)[^\w\s]+|[^\w\s]+(?!\w)")


def part_of(row: Row, held_out: HeldOut) -> str:
    """Decide by its group (its target where it has none) which part a row belongs to."""
    place = share(row.group or row.target)
    if place < held_out.dev:
        return "dev"
    return "test" if place < held_out.dev + held_out.test else "train"


def share(key: str) -> float:
    """Return a number in [0, 1) that is the same for a key on every machine."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def sampled(rows: list[Row], limit: int | None) -> list[Row]:
    """Return `limit` rows at the most, chosen by what they hold, in order."""
    if limit is None or len(rows) <= limit:
        return rows
    shares = [share(f"{row.source}\t{row.target}") for row in rows]
    chosen = sorted(range(len(rows)), key=shares.__getitem__)[:limit]
    return [rows[index] for index in sorted(chosen)]


def normalised(text: str) -> str:
    """Return what two spellings of a sentence share.

    Case, Unicode form, white space (Korean is spaced in more ways than one) and the punctuation at
    the edges of words do not count; a text of nothing but signs keeps them.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_EDGES.sub(" ", folded).split()) or "".join(folded.split())


class HeldOutSides:
    """The two sides of held-out pairs, however spelt."""

    def __init__(self) -> None:
        """Hold out nothing yet."""
        self._sources: set[str] = set()
        self._targets: set[str] = set()

    def add(self, pairs: Iterable[SentencePair]) -> None:
        """Hold these pairs out, too."""
        for pair in pairs:
            self._sources.add(normalised(pair.source))
            self._targets.add(normalised(pair.target))

    def without(self, pairs: Iterable[SentencePair]) -> list[SentencePair]:
        """Leave out the pairs of which a side is held out."""
        return [
            pair
            for pair in pairs
            if normalised(pair.source) not in self._sources
            and normalised(pair.target) not in self._targets
        ]
