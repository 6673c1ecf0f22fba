"""An engine that notes where its time goes."""

import time
from typing import Any

from jumok.decoding.step_model import Encoded, Step
from jumok.runtime.engine import Engine


class TimedEngine(Engine):
    """Counts the seconds that each graph took."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """As `Engine`."""
        super().__init__(*arguments, **options)
        self.encoder_seconds = self.step_seconds = 0.0

    def encode(self, *arguments: Any) -> Encoded:
        """As `Engine.encode`."""
        begun = time.perf_counter()
        encoded = super().encode(*arguments)
        self.encoder_seconds += time.perf_counter() - begun
        return encoded

    def step(self, *arguments: Any) -> Step:
        """As `Engine.step`."""
        begun = time.perf_counter()
        step = super().step(*arguments)
        self.step_seconds += time.perf_counter() - begun
        return step
