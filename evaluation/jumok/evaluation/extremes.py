"""The best and the worst translations of a set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from jumok.evaluation.report import ScoredSentence


@dataclass(frozen=True, slots=True)
class Extremes:
    """Sentences at both ends of a set, by their chrF.

    Attributes:
        worst: the worst first; no more than half of all.
        best: the best first; none of them is among the worst.
        best_places: where in the set the best are.
    """

    worst: tuple[ScoredSentence, ...]
    best: tuple[ScoredSentence, ...]
    best_places: tuple[int, ...]

    @classmethod
    def of(cls, sentences: Sequence[ScoredSentence], count: int) -> Self:
        """Choose `count` of each kind; of equally good ones the longest, which say the most."""
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
