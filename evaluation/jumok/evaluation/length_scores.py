"""BLEU by the length of the source, as in Bahdanau et al. 2015, figure 2."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.words import find_words
from jumok.evaluation.bootstrap import bleu_interval, corpus_bleu
from jumok.evaluation.report import LengthScore

# The same whatever the data, so that systems and sets can be drawn into one picture.
LAST_WORDS: Final = (5, 10, 15, 20, 25, 30, 40, 50, 60)
"""Words of the longest sources of each group but the last, which has no upper bound."""


def length_scores(sources: Sequence[str], statistics: NDArray[np.int64]) -> tuple[LengthScore, ...]:
    """Score sentences in groups whose sources have about as many words; leave empty ones out.

    Args:
        sources: sentences; words are runs of characters between white space.
        statistics: [sentence, 10], see `bleu_statistics`.
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
