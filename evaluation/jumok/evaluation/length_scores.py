"""BLEU by source length, as in Bahdanau et al. 2015, figure 2."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.words import find_words
from jumok.evaluation.bootstrap import bleu_interval, corpus_bleu
from jumok.evaluation.report import LengthScore

# Independent of the data, so that systems and sets can be drawn in one plot.
LAST_WORDS: Final = (5, 10, 15, 20, 25, 30, 40, 50, 60)
"""Maximum number of source words of each group; a further group has no maximum."""


def length_scores(sources: Sequence[str], statistics: NDArray[np.int64]) -> tuple[LengthScore, ...]:
    """Compute BLEU of groups of sentences with sources of similar lengths.

    Args:
        sources: source sentences; words are those of `jumok.bundle.words`.
        statistics: int64 [sentence, 10], see `bleu_statistics`.

    Returns:
        A score for each group that is not empty.
    """
    words = np.array([len(find_words(source)) for source in sources])
    scores = []
    for before, last in pairwise((-1, *LAST_WORDS, None)):
        assert before is not None
        chosen = words > before if last is None else (words > before) & (words <= last)
        if chosen.any():
            scores.append(
                LengthScore(
                    first=max(1, before + 1),
                    last=last,
                    sentences=int(chosen.sum()),
                    bleu=corpus_bleu(statistics[chosen]),
                    interval=bleu_interval(statistics[chosen]),
                )
            )
    return tuple(scores)
