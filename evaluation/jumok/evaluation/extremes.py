"""The best and the worst translations of a set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from jumok.evaluation.report import ScoredSentence


@dataclass(frozen=True, slots=True)
class Extremes:
    """The translations with the lowest and the highest chrF; the two do not overlap.

    Attributes:
        worst: worst first; at most half of the set.
        best: best first.
        best_places: indices of the best in the set.
    """

    worst: tuple[ScoredSentence, ...]
    best: tuple[ScoredSentence, ...]
    best_places: tuple[int, ...]

    @classmethod
    def of(cls, sentences: Sequence[ScoredSentence], count: int) -> Self:
        """Select at most `count` of each; among equal scores, prefer long sources in `best`."""
        order = sorted(
            range(len(sentences)),
            key=lambda place: (sentences[place].chrf, len(sentences[place].source)),
        )
        worst = order[: min(count, len(order) // 2)]
        best = list(reversed(order[len(worst) :]))[:count]
        return cls(
            worst=tuple(sentences[place] for place in worst),
            best=tuple(sentences[place] for place in best),
            best_places=tuple(best),
        )
