"""The memory that requests and responses in flight take, and its limit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from jumok.service.caller import Caller
from jumok.service.errors import OverloadedError
from jumok.service.fair_queue import fair_share

_RETRY_SECONDS = 1.0
_UNKNOWN = Caller("")
_NEXT = "the next caller"


@dataclass(slots=True)
class _Held:
    """What the calls of one caller hold."""

    share: float
    size: int = 0
    calls: int = 0


class MemoryBudget:
    """A limit on the bytes of all requests and responses in flight.

    Attributes:
        reserved: bytes reserved by all calls.
    """

    def __init__(self, max_bytes: int) -> None:
        """Allow `max_bytes` for all calls together."""
        self._max_bytes = max_bytes
        self._callers: dict[str, _Held] = {}
        self.reserved = 0

    @contextmanager
    def call(self, caller: Caller = _UNKNOWN) -> Iterator[None]:
        """Let the current call of `caller` reserve bytes, and release them when it ends."""
        reservation = Reservation(self, caller)
        held = self._callers.setdefault(caller.name, _Held(caller.share))
        held.calls += 1
        _current.set(reservation)  # not reset, because each call runs in a context of its own
        try:
            yield
        finally:
            self.reserved -= reservation.size
            held.size -= reservation.size
            held.calls -= 1
            if not held.calls:
                del self._callers[caller.name]

    def take(self, size: int, reservation: "Reservation") -> None:
        """Reserve `size` bytes for a call.

        With several calls, a caller must stay within its share, which leaves one to another caller.

        Raises:
            OverloadedError: the other calls have left too little.
        """
        if self.reserved + size > self._max_bytes:
            raise OverloadedError(
                "the calls in flight take up all the memory that is allowed; try again in a second",
                _RETRY_SECONDS,
            )
        held = self._callers[reservation.caller.name]
        if held.size > reservation.size:
            shares = {name: each.share for name, each in self._callers.items()} | {_NEXT: 1.0}
            if held.size + size > fair_share(self._max_bytes, reservation.caller, shares):
                raise OverloadedError(
                    "your calls in flight take up your share of the memory; try again in a second",
                    _RETRY_SECONDS,
                )
        held.size += size
        self.reserved += size


class Reservation:
    """The bytes that one call has reserved.

    Attributes:
        caller: who made the call.
        size: how many.
    """

    def __init__(self, budget: MemoryBudget, caller: Caller) -> None:
        """Reserve nothing yet."""
        self._budget, self.caller = budget, caller
        self.size = 0

    def grow(self, size: int) -> None:
        """Reserve `size` more bytes.

        Raises:
            OverloadedError: the other calls have left too little.
        """
        self._budget.take(size, self)
        self.size += size


_current: ContextVar[Reservation | None] = ContextVar("reservation", default=None)


def reserve(size: int) -> None:
    """Reserve bytes for the current call, until it ends; outside a server, do nothing.

    Raises:
        OverloadedError: the other calls have left too little.
    """
    if (reservation := _current.get()) is not None:
        reservation.grow(size)
