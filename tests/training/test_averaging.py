"""Averages of weights against their formulas."""

import pytest
import torch
from torch import Tensor, nn

from jumok.training.averaging import (
    Averaging,
    CheckpointAverage,
    ExponentialMovingAverage,
    make_averaging,
)
from jumok.training.configuration import TrainingConfiguration


class Tied(nn.Module):
    """A module with one weight under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.other = nn.Embedding(3, 2), nn.Linear(2, 1)
        self.generator = nn.Linear(2, 3, bias=False)
        self.generator.weight = self.embedding.weight

    def shift(self) -> None:
        """Change the weights."""
        with torch.no_grad():
            for weight in self.parameters():
                weight.add_(torch.randn_like(weight))


@pytest.fixture
def model() -> Tied:
    torch.manual_seed(0)
    return Tied()


def copied(model: nn.Module) -> dict[str, Tensor]:
    """Copy a module's weights in float64."""
    return {name: weight.detach().double() for name, weight in model.named_parameters()}


def assert_same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """Compare weights."""
    assert list(found) == list(expected)
    for name, weight in expected.items():
        torch.testing.assert_close(found[name].double(), weight, rtol=1e-5, atol=1e-6)


def test_none(model: Tied) -> None:
    """Without averaging the weights are returned unchanged, and there is no state."""
    averaging = make_averaging(TrainingConfiguration(steps=1), {})
    for step in (1, 2):
        model.shift()
        averaging.follow(model, step)
        averaging.mark(model)
        assert_same(averaging.weights(model), copied(model))
    assert averaging.state == {}


def test_exponential_moving_average(model: Tied) -> None:
    """θ' ← d θ' + (1 - d) θ, with d increasing to its value."""
    averaging = make_averaging(TrainingConfiguration(steps=1, averaging="ema", ema_decay=0.6), {})
    expected: dict[str, Tensor] = {}
    decays = []
    for step in range(1, 30):
        model.shift()
        averaging.follow(model, step)
        now = copied(model)
        decays.append(min(0.6, (1 + step) / (10 + step)))
        expected = {
            name: decays[-1] * expected.get(name, weight) + (1 - decays[-1]) * weight
            for name, weight in now.items()
        }
        assert_same(averaging.weights(model), expected)
    assert decays[0] < 0.2 < decays[-1] == 0.6
    assert "generator.weight" not in averaging.state


def test_mean_of_the_last(model: Tied) -> None:
    """The mean of the weights at the last evaluations, at first of fewer."""
    settings = TrainingConfiguration(steps=1, averaging="checkpoints", average_checkpoints=3)
    averaging = make_averaging(settings, {})
    assert_same(averaging.weights(model), copied(model))
    marked = []
    for step in range(1, 20):
        model.shift()
        averaging.follow(model, step)
        if step % 3 == 0:
            averaging.mark(model)
            marked.append(copied(model))
        if marked:
            last = marked[-3:]
            mean = {name: sum(each[name] for each in last) / len(last) for name in last[0]}
            assert_same(averaging.weights(model), mean)  # type: ignore[arg-type]
    assert len(averaging.state) == 3 * len(last[0])


def test_mean_of_one(model: Tied) -> None:
    """The mean of one evaluation is that evaluation."""
    averaging = CheckpointAverage({}, 1)
    for _ in range(3):
        model.shift()
        averaging.mark(model)
        expected = copied(model)
        model.shift()
        assert_same(averaging.weights(model), expected)


@pytest.mark.parametrize(
    "averaging", [ExponentialMovingAverage({}, 0.9), CheckpointAverage({}, 2)], ids=["ema", "last"]
)
def test_resumed(model: Tied, averaging: Averaging) -> None:
    """An average that continues from its state is bit-identical to an uninterrupted one."""

    def go_on(averaging: Averaging, steps: range) -> dict[str, Tensor]:
        for step in steps:
            model.shift()
            averaging.follow(model, step)
            averaging.mark(model)
        return averaging.weights(model)

    go_on(averaging, range(1, 6))
    kept = {name: tensor.clone() for name, tensor in averaging.state.items()}
    weights, generator = copied(model), torch.get_rng_state()
    expected = go_on(averaging, range(6, 9))
    torch.set_rng_state(generator)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(weights[name])
    settings = {
        ExponentialMovingAverage: TrainingConfiguration(steps=1, averaging="ema", ema_decay=0.9),
        CheckpointAverage: TrainingConfiguration(
            steps=1, averaging="checkpoints", average_checkpoints=2
        ),
    }[type(averaging)]
    found = go_on(make_averaging(settings, kept), range(6, 9))
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_parameters_being_trained_are_not_touched(model: Tied) -> None:
    """The average does not share memory with the weights."""
    for averaging in (ExponentialMovingAverage({}, 0.9), CheckpointAverage({}, 2)):
        before = copied(model)
        averaging.follow(model, 1)
        averaging.mark(model)
        averaging.follow(model, 2)
        averaging.mark(model)
        assert_same(copied(model), before)
        model.shift()
        assert_same(averaging.weights(model), before)
