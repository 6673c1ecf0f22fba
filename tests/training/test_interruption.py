"""Graceful handling of signals."""

import signal
import threading
from collections.abc import Iterator

import pytest

from jumok.training.interruption import interruptible

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("number", SIGNALS)
def test_request(number: signal.Signals) -> None:
    """The first signal sets the event; afterwards the previous handlers are restored."""
    before = [signal.getsignal(each) for each in SIGNALS]
    with interruptible() as interrupted:
        assert not interrupted.is_set()
        signal.raise_signal(number)
        assert interrupted.is_set()
    assert [signal.getsignal(each) for each in SIGNALS] == before


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Restore the default handler: shells make background processes ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_second_is_for_real() -> None:
    """A second Ctrl-C raises KeyboardInterrupt."""
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


def test_other_thread() -> None:
    """Outside the main thread signals are not handled."""
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
