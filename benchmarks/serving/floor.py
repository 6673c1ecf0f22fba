"""R: the least time that one step can take here, by the bytes and the operations that it needs."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jumok.training.network.seq2seq import Seq2Seq

_SIZE, _REPEATS = 2048, 20


@dataclass(frozen=True, slots=True)
class Floor:
    """What bounds a step.

    Attributes:
        gflops: of a large product in float32, all cores.
        gbytes: read in a second of arrays that are together as large as the weights, which may be
            from a cache.
        weights: numbers of the step that every row is multiplied by.
    """

    gflops: float
    gbytes: float
    weights: int

    def seconds(self, rows: int) -> float:
        """Return the least time of a step with so many rows, in float32."""
        return max(2e-9 * self.weights * rows / self.gflops, 4e-9 * self.weights / self.gbytes)


def measure_floor(model: Seq2Seq) -> Floor:
    """Measure the machine; count the model."""
    generator = np.random.default_rng(0)
    one, other = generator.random((2, _SIZE, _SIZE), dtype=np.float32)
    # all but the embedding, of which one row is looked up, and the keys, made once a sentence
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
