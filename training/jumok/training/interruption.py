"""Graceful handling of Ctrl-C and SIGTERM."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Set the returned event on the first Ctrl-C or SIGTERM; a second one acts as usual.

    Outside the main thread signals are not handled and the event is never set.
    """
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def request(number: int, _: object) -> None:
        interrupted.set()
        signal.signal(number, previous[signal.Signals(number)])  # a second one is not caught

    previous = {
        number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield interrupted
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
