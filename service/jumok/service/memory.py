"""The memory that requests and responses in flight take, and its limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from jumok.service.errors import OverloadedError

_RETRY_SECONDS = 1.0


class MemoryBudget:
    """A limit on the bytes of all requests and responses in flight.

    Attributes:
        reserved: bytes reserved by all calls.
    """

    def __init__(self, max_bytes: int) -> None:
        """Allow `max_bytes` for all calls together."""
        self._max_bytes = max_bytes
        self.reserved = 0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Let the current call reserve bytes, and release them when it ends."""
        reservation = Reservation(self)
        _current.set(reservation)  # not reset, because each call runs in a context of its own
        try:
            yield
        finally:
            self.reserved -= reservation.size

    def take(self, size: int) -> None:
        """Reserve `size` bytes.

        Raises:
            OverloadedError: the other calls have left too little.
        """
        if self.reserved + size > self._max_bytes:
            raise OverloadedError(
                "the calls in flight take up all the memory that is allowed; try again in a second",
                _RETRY_SECONDS,
            )
        self.reserved += size


class Reservation:
    """The bytes that one call has reserved.

    Attributes:
        size: how many.
    """

    def __init__(self, budget: MemoryBudget) -> None:
        """Reserve nothing yet."""
        self._budget = budget
        self.size = 0

    def grow(self, size: int) -> None:
        """Reserve `size` more bytes.

        Raises:
            OverloadedError: the other calls have left too little.
        """
        self._budget.take(size)
        self.size += size


_current: ContextVar[Reservation | None] = ContextVar("reservation", default=None)


def reserve(size: int) -> None:
    """Reserve bytes for the current call, until it ends; outside a server, do nothing.

    Raises:
        OverloadedError: the other calls have left too little.
    """
    if (reservation := _current.get()) is not None:
        reservation.grow(size)
