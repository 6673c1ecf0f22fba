"""Log lines: their format, and the thread that writes them.

Writing to standard error blocks while a pipe is full whose reader is slow or has stopped.
Therefore a thread of its own does it.
"""

import json
import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final, Literal, TypeAlias

import structlog

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]
_MOST_WAITING: Final = 10_000
_GATHERED_SECONDS: Final = 0.05
"""How long lines are gathered before they are written, because waking the thread for each of them
would slow down the event loop."""

_Event: TypeAlias = MutableMapping[str, Any]


class LineWriter:
    """Writes lines to a file descriptor on its own thread, and drops lines while too many wait.

    Attributes:
        dropped: number of lines dropped so far.
    """

    def __init__(self, descriptor: int, render: Callable[[_Event], str]) -> None:
        """Start to write to `descriptor`; `render` turns an event into a line, on the thread."""
        self._descriptor, self._render = descriptor, render
        self._waiting: queue.Queue[_Event | None] = queue.Queue(_MOST_WAITING)
        self._closing = threading.Event()
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, **event: Any) -> None:
        """Queue a line; never blocks."""
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            self.dropped += 1

    # the methods that structlog calls
    debug = info = warning = error = critical = write

    def close(self, seconds: float) -> None:
        """Write the waiting lines, for at most this many seconds."""
        self._closing.set()
        with suppress(queue.Full):
            self._waiting.put(None, timeout=seconds)
            self._thread.join(seconds)

    def _run(self) -> None:
        reported = 0
        events: list[_Event | None] = []
        while None not in events:
            events = [self._waiting.get()]
            self._closing.wait(_GATHERED_SECONDS)
            with suppress(queue.Empty):
                while True:
                    events.append(self._waiting.get_nowait())
            rendered = [self._render(event) for event in events if event is not None]
            if (dropped := self.dropped) > reported:
                rendered.append(
                    self._render(
                        {
                            "event": "log lines were dropped, because they were not read in time",
                            "level": "warning",
                            "dropped": dropped - reported,
                        }
                    )
                )
                reported = dropped
            if not self._put("".join(f"{line}\n" for line in rendered)):
                self.dropped += len(rendered)

    def _put(self, text: str) -> bool:
        """Write a text, and return whether it was written; if not, nobody will ever read it."""
        content = text.encode(errors="backslashreplace")
        # not sys.stderr, whose lock would be held while this blocks, even when the process ends
        try:
            while content:
                content = content[os.write(self._descriptor, content) :]
        except OSError:
            return False
        return True


class _Forwarder(logging.Handler):
    """Forwards what libraries log, without arguments and messages of exceptions.

    Those may quote a request.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Forward a record."""
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info is not None and record.exc_info[1] is not None:
            fields["traceback"] = traceback_of(record.exc_info[1])
        first, *_ = str(record.msg).splitlines() or [""]
        level = max(logging.DEBUG, min(record.levelno // 10 * 10, logging.CRITICAL))
        structlog.get_logger().log(level, first, **fields)


_writer: LineWriter | None = None


def configure_logging(level: LogLevel, log_format: Literal["console", "json"]) -> None:
    """Send log lines of at least `level` to standard error, ours and those of libraries.

    `close_log` must be called before the process ends.
    """
    global _writer
    if log_format == "json":
        render: Callable[[_Event], str] = _json
    else:
        console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())

        def render(event: _Event) -> str:
            return console(None, "", event)

    _writer = writer = LineWriter(sys.stderr.fileno(), render)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: writer,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=level.upper(), handlers=[_Forwarder()], force=True)


def close_log(seconds: float = 1.0) -> None:
    """Write the waiting log lines, for at most this many seconds."""
    if _writer is not None:
        _writer.close(seconds)


def dropped_lines() -> int:
    """Return the number of log lines dropped since the start."""
    return 0 if _writer is None else _writer.dropped


def traceback_of(error: BaseException) -> str:
    """Describe an exception without its message, which may quote a request."""
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__qualname__])


def _json(event: _Event) -> str:
    return json.dumps(event, default=repr, ensure_ascii=False)
