"""Averages of a model's weights over training, which are evaluated and exported instead of them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from jumok.training.configuration import TrainingConfiguration

Weights = dict[str, Tensor]
"""Parameters by name; tied parameters occur once."""


class Averaging:
    """Base class of averages; the base class itself does not average."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        """Continue from `state`; empty at the start of training."""
        self.state: Weights = dict(state)

    def follow(self, model: nn.Module, step: int) -> None:
        """Update the average with the weights after `step` steps."""

    def mark(self, model: nn.Module) -> None:
        """Update the average with the weights at an evaluation."""

    def weights(self, model: nn.Module) -> Weights:
        """Return the average, in the order and on the device of the model's parameters."""
        return _weights(model)


class ExponentialMovingAverage(Averaging):
    """θ' ← d θ' + (1 - d) θ after each step (Polyak & Juditsky 1992; Junczys-Dowmunt et al. 2018).

    At step t the decay d is at most (1 + t) / (10 + t), so that early weights are soon forgotten.
    """

    def __init__(self, state: Mapping[str, Tensor], decay: float) -> None:
        super().__init__(state)
        self._decay = decay

    def follow(self, model: nn.Module, step: int) -> None:
        """Update the average with the weights after `step` steps."""
        weights = _weights(model)
        if not self.state:
            self.state = {name: weight.clone() for name, weight in weights.items()}
            return
        ours = [self.state[name].to(weight.device) for name, weight in weights.items()]
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(ours, list(weights.values()), 1 - decay)
        self.state = dict(zip(weights, ours, strict=True))

    def weights(self, model: nn.Module) -> Weights:
        """Return the average."""
        return self.state or _weights(model)


class CheckpointAverage(Averaging):
    """The mean of the weights at the last evaluations (Junczys-Dowmunt et al. 2016, sec. 2.2)."""

    def __init__(self, state: Mapping[str, Tensor], count: int) -> None:
        super().__init__(state)
        self._count = count

    def mark(self, model: nn.Module) -> None:
        """Update the average with the weights at an evaluation."""
        for name, weight in _weights(model).items():
            kept = [*(self.state[key] for key in self._keys(name)), weight.clone()]
            kept = kept[-self._count :]
            self.state |= {f"{place}.{name}": tensor for place, tensor in enumerate(kept)}

    def weights(self, model: nn.Module) -> Weights:
        """Return the average."""
        return {
            name: torch.stack([self.state[key].to(weight) for key in self._keys(name)]).mean(dim=0)
            if self._keys(name)
            else weight
            for name, weight in _weights(model).items()
        }

    def _keys(self, name: str) -> list[str]:
        keys = (f"{place}.{name}" for place in range(self._count))
        return [key for key in keys if key in self.state]


def make_averaging(training: TrainingConfiguration, state: Mapping[str, Tensor]) -> Averaging:
    """Make the averaging that is configured, continuing from `state`."""
    if training.averaging == "ema":
        return ExponentialMovingAverage(state, training.ema_decay)
    if training.averaging == "checkpoints":
        return CheckpointAverage(state, training.average_checkpoints)
    return Averaging(state)


def _weights(model: nn.Module) -> Weights:
    return {name: parameter.detach() for name, parameter in model.named_parameters()}
