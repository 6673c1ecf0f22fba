"""Sentence pairs split into the units that an aligner reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from jumok.evaluation.scoring.sentence_pair import Links, SentencePair
from jumok.training.aligners.splitting import Splitter, Units, split, word_links

Sentences = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Bitext:
    """Sentence pairs as units.

    Attributes:
        sources: one entry for each pair.
        targets: one entry for each pair.
    """

    sources: list[Units]
    targets: list[Units]

    @classmethod
    def of(cls, pairs: Sequence[SentencePair], source: Splitter, target: Splitter) -> "Bitext":
        """Split the words of `pairs` into units."""
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
        """The units' forms, which the aligner reads: sources and targets."""
        return [units.forms for units in self.sources], [units.forms for units in self.targets]

    def word_links(self, alignments: Sequence[Links]) -> list[Links]:
        """Convert links between units to links between words, for each pair."""
        return [
            word_links(links, source, target)
            for links, source, target in zip(alignments, self.sources, self.targets, strict=True)
        ]
