"""Figures in the logs of Joey NMT 2.3."""

import re
from dataclasses import dataclass

from benchmarks.errors import PeerError

_PARAMETERS = re.compile(r"Total params: (\d+)")
_STEP = re.compile(r"Step: +(\d+), Batch Loss: +([\d.]+)")
_EPOCH = re.compile(r"Epoch +\d+, total .* num\. of tokens: (\d+), ([\d.]+)\[sec\]")
_BEST = re.compile(r"Best validation result \(greedy\) at step +(\d+)")
_GENERATION = re.compile(r"Generation took ([\d.]+)\[sec\]")


@dataclass(frozen=True, slots=True)
class TrainingLog:
    """What the log of a training says.

    Attributes:
        parameters: trainable ones.
        losses: by update, of that batch, nats a target token.
        epochs: number of whole epochs.
        target_tokens: trained on in all epochs, the ends of sentences included.
        seconds: of all epochs, without validation and without saving.
        best_update: after which the model that is tested was saved.
    """

    parameters: int
    losses: dict[int, float]
    epochs: int
    target_tokens: int
    seconds: float
    best_update: int


def parse_training(log: str) -> TrainingLog:
    """Read the log of a training.

    Raises:
        PeerError: it did not come to its end.
    """
    parameters, best = _PARAMETERS.search(log), _BEST.search(log)
    epochs = [(int(tokens), float(seconds)) for tokens, seconds in _EPOCH.findall(log)]
    if parameters is None or best is None or not epochs:
        raise PeerError("the log of Joey NMT's training has no end; look into its train.log")
    return TrainingLog(
        parameters=int(parameters[1]),
        losses={int(update): float(loss) for update, loss in _STEP.findall(log)},
        epochs=len(epochs),
        target_tokens=sum(tokens for tokens, _ in epochs),
        seconds=sum(seconds for _, seconds in epochs),
        best_update=int(best[1]),
    )


def parse_generation(log: str) -> float:
    """Return the seconds that the last translation in a log took, loading not counted.

    Raises:
        PeerError: there is none.
    """
    seconds = _GENERATION.findall(log)
    if not seconds:
        raise PeerError("the log of Joey NMT's test has no end; look into its test.log")
    return float(seconds[-1])
