"""Whether confidences are calibrated: of translations with confidence 0.8, are 80% good?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.calibration import GOOD_CHRF, Calibration
from jumok.evaluation.report import Reliability, ReliabilityBin

_BINS: Final = 10
_ITERATIONS: Final = 1000
_CONVERGED: Final = 1e-8
_PRIOR: Final = 1e-3  # of a weak L2 penalty, so that separable data have a solution


def fit_calibration(log_probs: Sequence[float], chrf: Sequence[float]) -> Calibration:
    """Fit a calibration by maximum likelihood (Newton's method).

    Args:
        log_probs: mean log-probability of the tokens of each translation, in nats.
        chrf: sentence chrF of each translation, 0 to 100.
    """
    inputs = np.stack([np.ones(len(log_probs)), np.asarray(log_probs, dtype=float)], axis=1)
    good = _good(chrf)
    weights = np.zeros(2)
    for _ in range(_ITERATIONS):
        logits = np.clip(inputs @ weights, -30, 30)
        predicted = 1 / (1 + np.exp(-logits))
        gradient = inputs.T @ (predicted - good) + _PRIOR * weights
        scaled = inputs * (predicted * (1 - predicted))[:, None]
        step = np.linalg.solve(scaled.T @ inputs + _PRIOR * np.eye(2), gradient)
        weights -= np.clip(step, -1, 1)  # full steps can diverge if the data are separable
        if np.abs(step).max() < _CONVERGED:
            break
    intercept, slope = weights.tolist()
    if slope < 0:  # only how many are good is known then
        share = (good.sum() + 0.5) / (len(good) + 1)
        intercept, slope = float(np.log(share / (1 - share))), 0.0
    return Calibration(intercept=intercept, slope=slope, sentences=len(good))


def measure_reliability(confidences: Sequence[float], chrf: Sequence[float]) -> Reliability:
    """Compare confidences with the share of good translations, in ten bins of equal width.

    Args:
        confidences: confidence in each translation, 0 to 1.
        chrf: sentence chrF of each translation, 0 to 100.
    """
    confident, good = np.asarray(confidences, dtype=float), _good(chrf)
    places = np.minimum((confident * _BINS).astype(int), _BINS - 1)
    bins = tuple(
        ReliabilityBin(
            sentences=int(inside.sum()),
            confidence=float(confident[inside].mean()),
            good=float(good[inside].mean()),
        )
        for place in range(_BINS)
        if (inside := places == place).any()
    )
    gaps = sum(each.sentences * abs(each.confidence - each.good) for each in bins)
    return Reliability(bins=bins, error=gaps / len(good))


def _good(chrf: Sequence[float]) -> NDArray[np.float64]:
    return (np.asarray(chrf) >= GOOD_CHRF).astype(float)
