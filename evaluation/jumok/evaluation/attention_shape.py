"""How sharp attention is, and how much of the source it covers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jumok.evaluation.report import AttentionShape
from jumok.evaluation.scoring.batch_translator import AttendedTranslation
from jumok.evaluation.scoring.word_attention import attention_by_word


def attention_shape(translations: Sequence[AttendedTranslation]) -> AttentionShape | None:
    """Measure the attention of translations; none where nothing is attended to.

    The end of the source is a position like any other in entropy; it is no word, and no token that
    must be covered. That what a source token gets in all should be 1 is Tu et al. 2016.
    """
    entropies, normalised, deviations = [], [], []
    words = covered = 0
    for translation in translations:
        attention = translation.attention.astype(np.float64)
        if not attention.any():
            continue
        rows = _entropy(attention)
        entropies.append(rows)
        if attention.shape[1] > 1:
            normalised.append(rows / np.log(attention.shape[1]))
        deviations.append(np.abs(attention.sum(axis=0)[: len(translation.source_words)] - 1))
        count = max(translation.source_words, default=-1) + 1
        best = attention_by_word(translation, count).argmax(axis=1)
        words += count
        covered += len(set(best.tolist()) - {count})
    if not words:
        return None
    return AttentionShape(
        entropy=float(np.concatenate(entropies).mean()),
        normalised_entropy=float(np.concatenate(normalised).mean()),
        coverage=covered / words,
        coverage_deviation=float(np.concatenate(deviations).mean()),
    )


def _entropy(attention: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy of each row of [target, source], in nats."""
    logarithms = np.log(attention, where=attention > 0, out=np.zeros_like(attention))
    entropy: NDArray[np.float64] = -(attention * logarithms).sum(axis=1)
    return entropy
