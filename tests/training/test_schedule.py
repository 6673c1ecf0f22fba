"""The learning-rate schedule."""

import math
from itertools import pairwise
from typing import Any

import pytest

from jumok.training.configuration import TrainingConfiguration
from jumok.training.schedule import learning_rate


def rates(**training: Any) -> list[float]:
    """Return the learning rate of every step."""
    settings = TrainingConfiguration(learning_rate=0.5, **training)
    return [learning_rate(step, settings) for step in range(settings.steps)]


@pytest.mark.parametrize("schedule", ["linear", "inverse_sqrt", "constant"])
def test_warm_up(schedule: str) -> None:
    """All schedules rise in equal steps from above 0 to their maximum."""
    found = rates(steps=100, warmup_steps=10, schedule=schedule)
    assert found[:10] == pytest.approx([0.05 * (step + 1) for step in range(10)])
    assert max(found) == pytest.approx(0.5)
    assert all(after <= before for before, after in pairwise(found[9:]))
    assert found[-1] > 0


def test_linear() -> None:
    """Linear falls by equal steps to 0 at the end."""
    found = rates(steps=100, warmup_steps=10, schedule="linear")
    falls = [before - after for before, after in pairwise(found[10:])]
    assert falls == pytest.approx([0.5 / 90] * 89)
    assert found[-1] == pytest.approx(0.5 / 90)


def test_inverse_sqrt() -> None:
    """At four times the step the rate is half."""
    found = rates(steps=100, warmup_steps=10, schedule="inverse_sqrt")
    assert found[80] == pytest.approx(found[20] / 2)
    assert found[40] == pytest.approx(0.5 * math.sqrt(10 / 40))


def test_constant() -> None:
    """Constant does not change."""
    assert set(rates(steps=30, warmup_steps=10, schedule="constant")[10:]) == {0.5}


@pytest.mark.parametrize("schedule", ["linear", "inverse_sqrt", "constant"])
def test_no_warm_up(schedule: str) -> None:
    """Without warm-up the first step has the maximum."""
    assert rates(steps=10, warmup_steps=0, schedule=schedule)[0] == 0.5


def test_all_warm_up() -> None:
    """If training ends before the warm-up does, the rate only rises."""
    assert rates(steps=5, warmup_steps=10, schedule="linear") == pytest.approx(
        [0.05, 0.1, 0.15, 0.2, 0.25]
    )
