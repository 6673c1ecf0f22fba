"""Divide rows into parts, and recognise training pairs that would leak held-out sentences."""

import hashlib
from collections.abc import Sequence

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.configuration import HeldOut
from jumok.training.data.parallel_text import Row
from jumok.training.data.similarity import NearDuplicates, normalised


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
    # not the key of `weight`, for which the chosen rows would not be a random sample
    shares = [share(f"limit\t{row.source}\t{row.target}") for row in rows]
    chosen = sorted(range(len(rows)), key=shares.__getitem__)[:limit]
    return [rows[index] for index in sorted(chosen)]


class HeldOutPairs:
    """Held-out pairs, and which training pairs resemble them on either side."""

    def __init__(
        self, pairs: Sequence[SentencePair], threshold: float, names: Sequence[frozenset[str]]
    ) -> None:
        """Hold out pairs.

        Args:
            pairs: the held-out pairs.
            threshold: `data.max_overlap`.
            names: names in the source and in the target language; see `similarity.find_names`.
        """
        sides = (
            [pair.source for pair in pairs],
            [text for pair in pairs for text in (pair.target, *pair.references)],
        )
        self._same = [set(map(normalised, side)) for side in sides]
        self._near = [
            NearDuplicates(side, threshold, known) if threshold < 1 else ()
            for side, known in zip(sides, names, strict=True)
        ]

    def same(self, pair: SentencePair) -> bool:
        """Tell whether a side of a pair is a spelling variant of a held-out one."""
        sides = pair.source, pair.target
        return any(normalised(text) in held for text, held in zip(sides, self._same, strict=True))

    def near(self, pair: SentencePair) -> bool:
        """Tell whether a side of a pair is a near-duplicate of a held-out one."""
        sides = pair.source, pair.target
        return any(text in held for text, held in zip(sides, self._near, strict=True))
