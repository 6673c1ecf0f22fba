"""Fit and reliability of the confidence."""

from pathlib import Path

import numpy as np
import pytest

from jumok.bundle.calibration import Calibration
from jumok.evaluation.evaluator import measure
from jumok.evaluation.figures import figures
from jumok.evaluation.reliability import fit_calibration, measure_reliability
from jumok.evaluation.reliability_picture import draw_reliability
from jumok.evaluation.test_set import TestSet
from tests.evaluation.conftest import OPTIONS, OUTPUTS, PAIRS, Canned

TRUE = Calibration(intercept=2.5, slope=4.0, sentences=1)


def drawn(count: int) -> tuple[list[float], list[float]]:
    """Draw log-probabilities, and chrF that is good with the probability that `TRUE` gives."""
    random = np.random.default_rng(1)
    log_probs = -random.exponential(0.6, count)
    good = random.random(count) < [TRUE.confidence(each) for each in log_probs.tolist()]
    return log_probs.tolist(), np.where(good, 80.0, 20.0).tolist()


def test_fit_finds_the_calibration_of_the_data() -> None:
    """The fit recovers the parameters that the data were drawn with."""
    fitted = fit_calibration(*drawn(20_000))

    assert fitted.intercept == pytest.approx(TRUE.intercept, abs=0.15)
    assert fitted.slope == pytest.approx(TRUE.slope, abs=0.25)
    assert fitted.sentences == 20_000


@pytest.mark.parametrize("good", [lambda place: place < 100, lambda place: True])
def test_separable_data_have_a_fit(good: object) -> None:
    """Data that a threshold divides perfectly, or that are all good, give finite parameters."""
    log_probs = [-0.01 * place for place in range(200)]
    fitted = fit_calibration(log_probs, [90.0 * good(place) for place in range(200)])  # type: ignore[operator]

    assert fitted.confidence(0.0) > 0.9


def test_confidence_that_says_nothing_has_slope_zero() -> None:
    """If improbable translations are the good ones, all get the same confidence."""
    fitted = fit_calibration([-0.1] * 100 + [-2.0] * 100, [0.0] * 100 + [90.0] * 100)

    assert fitted.slope == 0
    assert fitted.confidence(-1.0) == pytest.approx(0.5, abs=0.01)  # half of them are good


def test_reliability_by_hand() -> None:
    """Bins hold the mean confidence and the share of good translations; the error weighs them."""
    found = measure_reliability([0.92, 0.98, 0.31, 0.33, 1.0], [90, 10, 50, 49.9, 100])

    low, high = found.bins
    assert (low.sentences, low.good) == (2, 0.5)
    assert low.confidence == pytest.approx(0.32)
    assert high.sentences == 3
    assert high.good == pytest.approx(2 / 3)
    expected = (2 * 0.18 + 3 * abs(2.9 / 3 - 2 / 3)) / 5
    assert found.error == pytest.approx(expected)


def test_evaluation_reports_it_for_calibrated_systems() -> None:
    """The report has the reliability of a calibrated system, and none of another."""
    test_set = TestSet("toy", PAIRS)
    plain = measure(Canned(OUTPUTS), test_set, OPTIONS, "en").report
    found = measure(Canned(OUTPUTS), test_set, OPTIONS, "en", calibration=TRUE).report

    assert plain.reliability is None
    assert found.reliability is not None
    (only,) = found.reliability.bins  # all tokens have a log-probability of -0.5
    assert only.confidence == pytest.approx(TRUE.confidence(-0.5))
    assert only.good == pytest.approx(2 / 3)  # "fire" for "water" is wrong
    assert "calibration error" in {figure.label for figure in figures(found)}
    assert "calibration error" not in {figure.label for figure in figures(plain)}


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_picture(tmp_path: Path, ending: str, start: bytes) -> None:
    """The suffix of the file selects the format."""
    path = tmp_path / f"reliability{ending}"
    draw_reliability(measure_reliability([0.9, 0.2], [90, 10]), path)
    assert path.read_bytes().startswith(start)
