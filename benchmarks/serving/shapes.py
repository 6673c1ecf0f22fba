"""Time per call of each graph, by input shape."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from jumok.decoding.batch_search import pad_sources
from jumok.decoding.step_model import StepInput
from jumok.runtime.engine import Engine

Figures = list[dict[str, float]]

_ROWS: Final = (1, 8, 32, 64, 256)
_SOURCES: Final = (10, 20, 40, 80)
_BEAMS: Final = (2, 5, 16)
_USUAL_ROWS, _USUAL_SOURCE, _REPEATS = 32, 20, 40


def measure_shapes(engine: Engine) -> dict[str, Figures]:
    """Time the encoder by rows and source length, and a step by rows, source length and beam."""
    return {
        "encoder": [
            {"rows": rows, "source": source, "ms": 1000 * encoder_seconds(engine, rows, source)}
            for rows in _ROWS
            for source in _SOURCES
        ],
        "step": [
            {"rows": rows, "source": source, "ms": 1000 * step_seconds(engine, rows, source)}
            for rows in _ROWS
            for source in _SOURCES
        ],
        "beam": [
            {"rows": 8, "beam": beam, "ms": 1000 * step_seconds(engine, 8, _USUAL_SOURCE, beam)}
            for beam in _BEAMS
        ],
    }


def measure_rows(engine: Engine) -> Figures:
    """Time a step of one sentence and of many, all of typical length."""
    return [
        {"rows": rows, "ms": 1000 * step_seconds(engine, rows, _USUAL_SOURCE)}
        for rows in (1, _USUAL_ROWS)
    ]


def encoder_seconds(engine: Engine, rows: int, source: int) -> float:
    """Return the median seconds of an encoder pass for `rows` sentences of `source` tokens."""
    return _median(partial(engine.encode, *_sentences(rows, source)))


def step_seconds(engine: Engine, rows: int, source: int, beam: int = 1) -> float:
    """Return the median seconds of a step for `rows` sentences of `source` tokens."""
    encoded = engine.encode(*_sentences(rows, source))
    running = engine.rows(beam, source, rows)
    for row in range(rows):
        running.admit(row, encoded, row)
    previous = np.full((rows, beam), 100)
    zeros = np.zeros_like(previous)

    def step() -> None:
        running.step(StepInput(previous, zeros, zeros, beam + 1 if beam > 1 else 1))
        running.advance()

    return _median(step)


def _sentences(rows: int, source: int) -> tuple[np.ndarray, np.ndarray]:
    return pad_sources([[*range(100, 99 + source), 3]] * rows)


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)
