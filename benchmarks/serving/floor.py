"""Roofline: the minimum time of a step on this machine, by its bytes and operations."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jumok.training.network.seq2seq import Seq2Seq

_SIZE, _REPEATS = 2048, 20


@dataclass(frozen=True, slots=True)
class Floor:
    """The limits on a step.

    Attributes:
        gflops: GFLOP/s of a large float32 matrix product on all cores.
        gbytes: GB/s read from arrays of the total size of the weights, which a cache may hold.
        weights: number of weights that a step multiplies each row by.
    """

    gflops: float
    gbytes: float
    weights: int

    def seconds(self, rows: int) -> float:
        """Return the minimum time of a step of `rows` rows in float32."""
        return max(2e-9 * self.weights * rows / self.gflops, 4e-9 * self.weights / self.gbytes)


def measure_floor(model: Seq2Seq) -> Floor:
    """Measure the machine, and count the weights of the model."""
    generator = np.random.default_rng(0)
    one, other = generator.random((2, _SIZE, _SIZE), dtype=np.float32)
    # without the embedding (a lookup) and the keys (projected once per sentence)
    decoder = model.decoder
    weights = sum(
        parameter.numel()
        for name, parameter in decoder.named_parameters()
        if parameter.ndim == 2 and "embedding." not in name and "key" not in name
    )
    if not any(name == "generator.weight" for name, _ in decoder.named_parameters()):
        weights += decoder.generator.weight.numel()  # shared with the embedding
    half, rest = np.ones((2, weights // 2), dtype=np.float32)
    return Floor(
        gflops=2e-9 * _SIZE**3 / _best(lambda: one @ other),
        gbytes=4e-9 * weights / _best(lambda: half @ rest),
        weights=weights,
    )


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
