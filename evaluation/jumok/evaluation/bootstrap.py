"""Confidence intervals of BLEU by bootstrap resampling (Koehn 2004, section 3)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU

from jumok.evaluation.report import Interval
from jumok.evaluation.scoring.metrics import bleu

RESAMPLES: Final = 1000
SEED: Final = 12345

_ORDERS = 4


def bleu_statistics(
    texts: Sequence[str], references: Sequence[Sequence[str]], language: str
) -> NDArray[np.int64]:
    """Compute the sufficient statistics of BLEU for each sentence.

    Args:
        texts: translations.
        references: one or more for each text.
        language: BCP 47 tag of the target language.

    Returns:
        int64 [sentence, 10]: matching n-grams of orders 1 to 4, n-grams of the text of orders 1 to
        4, tokens of the text, tokens of the reference of the most similar length. Corpus BLEU is a
        function of their sums.
    """
    metric = bleu(language, effective_order=True)  # the counts do not depend on this
    rows = []
    for text, accepted in zip(texts, references, strict=True):
        score = metric.sentence_score(text, accepted)
        rows.append([*score.counts, *score.totals, score.sys_len, score.ref_len])
    return np.array(rows, dtype=np.int64).reshape(len(rows), 2 * _ORDERS + 2)


def corpus_bleu(statistics: NDArray[np.int64]) -> float:
    """Compute corpus BLEU, 0 to 100, from [sentence, 10], as sacreBLEU does by default."""
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
    """Compute the 95% confidence interval of BLEU from RESAMPLES resamples of the sentences."""
    generator = np.random.default_rng(SEED)
    count = len(statistics)
    scores = [
        corpus_bleu(statistics[generator.integers(count, size=count)]) for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(scores, (2.5, 97.5))
    return Interval(low=float(low), high=float(high))
