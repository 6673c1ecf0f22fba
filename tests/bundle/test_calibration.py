"""Calibrated confidence."""

import math

import pytest
from pydantic import ValidationError

from jumok.bundle.calibration import Calibration


def test_confidence_is_the_sigmoid() -> None:
    """The confidence is σ(intercept + slope · mean log-probability)."""
    calibration = Calibration(intercept=2.0, slope=4.0, sentences=100)

    assert calibration.confidence(-0.5) == pytest.approx(0.5)
    assert calibration.confidence(0.0) == pytest.approx(1 / (1 + math.exp(-2)))


def test_any_log_prob_gives_a_probability() -> None:
    """Extremely improbable translations have a confidence of 0, not an error."""
    calibration = Calibration(intercept=2.0, slope=4.0, sentences=100)

    assert calibration.confidence(-1e6) == pytest.approx(0.0)
    assert calibration.confidence(-math.inf) == 0.0


@pytest.mark.parametrize("changed", [{"slope": -1.0}, {"intercept": math.nan}, {"sentences": 0}])
def test_impossible_values_are_refused(changed: dict[str, float]) -> None:
    """A confidence that falls with the probability, or is not a number, is not a calibration."""
    with pytest.raises(ValidationError):
        Calibration.model_validate({"intercept": 0.0, "slope": 1.0, "sentences": 1} | changed)
