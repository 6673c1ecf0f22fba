"""Bootstrap resampling of BLEU (Koehn 2004, section 3) from sentences' sufficient statistics."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU

from jumok.evaluation.report import Interval

RESAMPLES: Final = 1000
SEED: Final = 12345

_ORDERS = 4


def bleu_statistics(texts: Sequence[str], references: Sequence[str]) -> NDArray[np.int64]:
    """Collect what BLEU needs to know of each text, one reference each.

    Returns:
        int64 [sentence, 10]: n-grams in both of orders 1 to 4, n-grams of the text, tokens of the
        text, tokens of the reference. BLEU of a corpus is a function of their sum.
    """
    metric = BLEU(effective_order=True)  # which the counts do not depend on
    rows = []
    for text, reference in zip(texts, references, strict=True):
        score = metric.sentence_score(text, [reference])
        rows.append([*score.counts, *score.totals, score.sys_len, score.ref_len])
    return np.array(rows, dtype=np.int64).reshape(len(rows), 2 * _ORDERS + 2)


def corpus_bleu(statistics: NDArray[np.int64]) -> float:
    """Compute BLEU, 0 to 100, from [sentence, 10], as sacreBLEU does by default."""
    *counts, hypothesis_length, reference_length = statistics.sum(axis=0).tolist()
    score = BLEU.compute_bleu(
        correct=counts[:_ORDERS],
        total=counts[_ORDERS:],
        sys_len=hypothesis_length,
        ref_len=reference_length,
        smooth_method="exp",
    )
    return float(score.score)


def bleu_interval(statistics: NDArray[np.int64]) -> Interval:
    """Find the 95% confidence interval of BLEU, percentiles over RESAMPLES draws of sentences."""
    generator = np.random.default_rng(SEED)
    count = len(statistics)
    scores = [
        corpus_bleu(statistics[generator.integers(count, size=count)]) for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(scores, (2.5, 97.5))
    return Interval(low=float(low), high=float(high))
