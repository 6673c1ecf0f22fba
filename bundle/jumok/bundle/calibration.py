"""Calibration of a model: how probable a good translation is, given its log-probability."""

import math
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

GOOD_CHRF: Final = 50.0
"""A translation counts as good from this sentence chrF on, against its best reference."""


class Calibration(BaseModel):
    """Platt scaling (Platt 1999) of the mean log-probability of a translation's tokens.

    The confidence is σ(`intercept` + `slope` · mean log-probability), with the mean over the tokens
    and the end of the sentence. It estimates the probability that the translation is good, which
    means a chrF of at least `GOOD_CHRF` against a reference, for text like that of the fit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float = Field(allow_inf_nan=False)
    slope: float = Field(ge=0, allow_inf_nan=False)
    sentences: int = Field(ge=1, description="held-out sentences that it was fitted on")

    def confidence(self, mean_log_prob: float) -> float:
        """Return the confidence, 0 to 1, for a mean log-probability in nats, at most 0."""
        logit = self.intercept + self.slope * mean_log_prob
        # not 1 / (1 + exp(-logit)), which overflows for very improbable translations
        return 0.5 * (1 + math.tanh(logit / 2))
