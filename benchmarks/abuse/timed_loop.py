"""Run as `python -m benchmarks.abuse.timed_loop`: the service, on a loop that times itself.

For each line on standard input it prints, as JSON, what has been measured since the line before.
"""

import asyncio
import json
import re
import selectors
import sys
import threading
import time
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict

from jumok.service.config import load_config
from jumok.service.server import serve


class TimedSelector(selectors.DefaultSelector):
    """Measures how long the loop was held: from one return of `select` to its next call.

    Attributes:
        held: the longest time, in seconds.
        own: the longest CPU time, which does not depend on what else the machine does.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held = self.own = 0.0
        self._since = _clocks()

    def select(self, timeout: float | None = None) -> list[Any]:
        """Wait for events as usual, and note the time since the last ones."""
        held, own = (now - since for now, since in zip(_clocks(), self._since, strict=True))
        self.held, self.own = max(self.held, held), max(self.own, own)
        try:
            return super().select(timeout)
        finally:
            self._since = _clocks()


def _clocks() -> tuple[float, float]:
    """Return the time, and the CPU time of this thread, in seconds."""
    return time.perf_counter(), time.thread_time()


def _answer(selector: TimedSelector) -> None:
    for _ in sys.stdin:
        status = Path("/proc/self/status").read_text("ascii")
        peak, resident = (
            int(re.findall(rf"{name}:\s+(\d+)", status)[0]) / 1024 for name in ("VmHWM", "VmRSS")
        )
        measured = {"held": selector.held, "own": selector.own, "peak": peak, "now": resident}
        print(json.dumps(measured), flush=True)
        selector.held = selector.own = 0.0
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # resets VmHWM


def _only_the_start(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Drop other lines: the pipe would be full before the benchmark reads again."""
    if event["event"] != "serving":
        raise structlog.DropEvent
    return event


def main() -> None:
    """Serve on a free port until SIGTERM."""
    structlog.configure(processors=[_only_the_start, structlog.processors.JSONRenderer()])
    selector = TimedSelector()
    threading.Thread(target=_answer, args=(selector,), daemon=True).start()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(serve(load_config(listen="localhost:0")))


if __name__ == "__main__":
    main()
