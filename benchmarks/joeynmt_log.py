"""Parse the logs of Joey NMT 2.3."""

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
    """Figures of a training.

    Attributes:
        parameters: number of trainable parameters.
        losses: loss of a batch by update, in nats per target token.
        epochs: number of complete epochs.
        target_tokens: target tokens trained on, including ends of sentences.
        seconds: duration of all epochs, without validation and saving.
        best_update: update of the checkpoint that is tested.
    """

    parameters: int
    losses: dict[int, float]
    epochs: int
    target_tokens: int
    seconds: float
    best_update: int


def parse_training(log: str) -> TrainingLog:
    """Parse the log of a training.

    Raises:
        PeerError: the training did not finish.
    """
    parameters, best = _PARAMETERS.search(log), _BEST.search(log)
    epochs = [(int(tokens), float(seconds)) for tokens, seconds in _EPOCH.findall(log)]
    if parameters is None or best is None or not epochs:
        raise PeerError("the log of Joey NMT's training is incomplete; see its train.log")
    return TrainingLog(
        parameters=int(parameters[1]),
        losses={int(update): float(loss) for update, loss in _STEP.findall(log)},
        epochs=len(epochs),
        target_tokens=sum(tokens for tokens, _ in epochs),
        seconds=sum(seconds for _, seconds in epochs),
        best_update=int(best[1]),
    )


def parse_generation(log: str) -> float:
    """Return the duration of the last translation in a log in seconds, without loading.

    Raises:
        PeerError: there is none.
    """
    seconds = _GENERATION.findall(log)
    if not seconds:
        raise PeerError("the log of Joey NMT's test is incomplete; see its test.log")
    return float(seconds[-1])
