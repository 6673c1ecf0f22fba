"""The learning-rate schedule."""

import math

from jumok.training.configuration import TrainingConfiguration


def learning_rate(step: int, training: TrainingConfiguration) -> float:
    """Return the learning rate of a step, counted from 0.

    It rises linearly during `warmup_steps`. Then it is constant (`constant`), falls linearly to 0
    at `steps` (`linear`), or falls with the inverse square root of the step (`inverse_sqrt`,
    Vaswani et al. 2017, eq. 3, scaled so that its maximum is `learning_rate`).
    """
    warmup = training.warmup_steps
    if step < warmup:
        return training.learning_rate * (step + 1) / warmup
    if training.schedule == "linear":
        share = (training.steps - step) / max(1, training.steps - warmup)
        return training.learning_rate * max(0.0, share)
    if training.schedule == "inverse_sqrt":
        return training.learning_rate * math.sqrt(max(1, warmup) / max(1, step))
    return training.learning_rate
