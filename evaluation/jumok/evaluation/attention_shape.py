"""Entropy and coverage of attention."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jumok.evaluation.report import AttentionShape
from jumok.evaluation.scoring.batch_translator import AttendedTranslation
from jumok.evaluation.scoring.word_attention import attention_by_word


def attention_shape(translations: Sequence[AttendedTranslation]) -> AttentionShape | None:
    """Measure the attention of translations.

    The end of the source counts as a position in the entropies, but not as a word or token that
    should be covered. The coverage deviation follows Tu et al. 2016, who expect the attention to
    each source token to sum to 1.

    Args:
        translations: translations of a test set.

    Returns:
        The measures; None if all attention is 0.
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
    """Compute the entropy of each row of [target, source], in nats."""
    logarithms = np.log(attention, where=attention > 0, out=np.zeros_like(attention))
    entropy: NDArray[np.float64] = -(attention * logarithms).sum(axis=1)
    return entropy
