"""Sentence pairs as an aligner sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.splitting import Splitter, Units, split, word_links
from jumok.training.sentence_pair import Links, SentencePair

Sentences = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Bitext:
    """Two sides as units; both have one entry a pair."""

    sources: list[Units]
    targets: list[Units]

    @classmethod
    def of(cls, pairs: Sequence[SentencePair], source: Splitter, target: Splitter) -> "Bitext":
        """Split the sides of `pairs`, gold words where they are given."""
        return cls(
            [split(pair.source, pair.source_words, source) for pair in pairs],
            [split(pair.target, pair.target_words, target) for pair in pairs],
        )

    def __len__(self) -> int:
        return len(self.sources)

    def __add__(self, other: "Bitext") -> "Bitext":
        return Bitext(self.sources + other.sources, self.targets + other.targets)

    @property
    def forms(self) -> tuple[Sentences, Sentences]:
        """What the aligner sees of the two sides."""
        return [units.forms for units in self.sources], [units.forms for units in self.targets]

    def word_links(self, alignments: Sequence[Links]) -> list[Links]:
        """Turn an alignment of units into one of words, for each pair."""
        return [
            word_links(links, source, target)
            for links, source, target in zip(alignments, self.sources, self.targets, strict=True)
        ]
