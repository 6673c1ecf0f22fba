"""The lag of the event loop: how late it runs what is due."""

import asyncio
import time

from jumok.service.metrics import Metrics

_PERIOD = 0.1
_UNRESPONSIVE_SECONDS = 10


class LoopLag:
    """Measures the lag of the running event loop ten times a second."""

    def __init__(self, metrics: Metrics) -> None:
        """Report to `metrics`."""
        self._metrics = metrics
        self._latest = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    @property
    def responsive(self) -> bool:
        """Whether the event loop ran within the last ten seconds; on any thread."""
        return time.monotonic() - self._latest < _UNRESPONSIVE_SECONDS

    def start(self) -> None:
        """Start measuring."""
        self._task = asyncio.create_task(self._measure())

    def stop(self) -> None:
        """Stop measuring."""
        if self._task is not None:
            self._task.cancel()

    async def _measure(self) -> None:
        while True:
            self._latest = time.monotonic()
            await asyncio.sleep(_PERIOD)
            self._metrics.loop_lagged(max(0.0, time.monotonic() - self._latest - _PERIOD))
