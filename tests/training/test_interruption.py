"""Signals as a polite request."""

import signal
import threading
from collections.abc import Iterator

import pytest

from jumok.training.interruption import interruptible

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("number", SIGNALS)
def test_request(number: signal.Signals) -> None:
    """The first signal is a request, and afterwards all handlers are as they were."""
    before = [signal.getsignal(each) for each in SIGNALS]
    with interruptible() as interrupted:
        assert not interrupted.is_set()
        signal.raise_signal(number)
        assert interrupted.is_set()
    assert [signal.getsignal(each) for each in SIGNALS] == before


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as it is at a terminal: shells make what runs in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_second_is_for_real() -> None:
    """Who presses Ctrl-C twice does not want to wait."""
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


def test_other_thread() -> None:
    """In another thread than the main one signals are left alone."""
    found = []

    def run() -> None:
        with interruptible() as interrupted:
            found.append(interrupted.is_set())

    before = [signal.getsignal(each) for each in SIGNALS]
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [False]
    assert [signal.getsignal(each) for each in SIGNALS] == before
