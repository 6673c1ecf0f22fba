"""The rate at which waiting work is taken from a queue."""

from typing import Final

_WINDOW: Final = 0.25  # seconds
_WEIGHT: Final = 0.3  # of the latest window


class DrainRate:
    """Measures how fast waiting work is taken, while there is any; 0 until it is known."""

    def __init__(self) -> None:
        """Start without a measurement."""
        self._rate = 0.0
        self._since: float | None = None  # start of the window
        self._taken = 0.0

    def take(self, cost: float) -> None:
        """Record that work was taken."""
        self._taken += cost

    def note(self, now: float, waits: bool) -> None:
        """Record whether work is left; `now` is in seconds of `time.monotonic`."""
        if self._since is not None and (elapsed := now - self._since) >= _WINDOW:
            rate = self._taken / elapsed
            self._rate += (rate - self._rate) * (_WEIGHT if self._rate else 1.0)
            self._since = None
        if not waits:
            self._since = None
        elif self._since is None:
            self._since, self._taken = now, 0.0

    def seconds(self, cost: float) -> float:
        """Return how long it takes until this much work has been taken; 0 if unknown."""
        return cost / self._rate if self._rate else 0.0
