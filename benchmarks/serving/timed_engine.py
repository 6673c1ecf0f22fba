"""An engine that times its graphs."""

import time
from typing import Any

from jumok.decoding.step_model import Encoded, Step
from jumok.runtime.engine import Engine


class TimedEngine(Engine):
    """Adds up the seconds spent in each graph."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """See `Engine`."""
        super().__init__(*arguments, **options)
        self.encoder_seconds = self.step_seconds = 0.0

    def encode(self, *arguments: Any) -> Encoded:
        """See `Engine.encode`."""
        begun = time.perf_counter()
        encoded = super().encode(*arguments)
        self.encoder_seconds += time.perf_counter() - begun
        return encoded

    def step(self, *arguments: Any) -> Step:
        """See `Engine.step`."""
        begun = time.perf_counter()
        step = super().step(*arguments)
        self.step_seconds += time.perf_counter() - begun
        return step
