"""A queue that shares work fairly between callers."""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from jumok.service.caller import Caller

T = TypeVar("T")

_QUANTUM: Final = 32.0
"""Credit of each turn; about the cost of a short sentence, so that turns alternate finely."""


@dataclass(slots=True)
class _Line(Generic[T]):
    """The waiting items of one caller, with their costs."""

    share: float
    items: deque[tuple[T, float]] = field(default_factory=deque)
    cost: float = 0.0  # of all items
    credit: float = 0.0
    visited: bool = False  # whether it has got its credit of this turn


class FairQueue(Generic[T]):
    """Items wait in one line per caller, and lines are served by deficit round robin.

    In its turn a caller gets credit in proportion to its share, and its items are taken, in order,
    while its credit covers their cost. A new line waits behind all others for its first turn, so an
    expensive item gains credit however many cheap ones arrive. A line that becomes empty loses its
    credit. See Shreedhar & Varghese 1996, section 3. Not thread-safe.
    """

    def __init__(self) -> None:
        """Create an empty queue."""
        self._lines: dict[str, _Line[T]] = {}  # in the order of service
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def shares(self) -> dict[str, float]:
        """The shares of the callers that wait, by name."""
        return {name: line.share for name, line in self._lines.items()}

    def put(self, caller: Caller, item: T, cost: float) -> None:
        """Append an item to the line of its caller."""
        line = self._lines.get(caller.name)
        if line is None:
            line = self._lines[caller.name] = _Line(caller.share)
        line.items.append((item, cost))
        line.cost += cost
        self._length += 1

    def take(self, eligible: Callable[[T], bool]) -> T | None:
        """Remove and return the next item; None if no caller's first item is eligible.

        Callers whose first item is not eligible are passed over, and gain no credit.
        """
        lines = {name: line for name, line in self._lines.items() if eligible(line.items[0][0])}
        if not lines:
            return None
        while True:
            for name, line in lines.items():
                if not line.visited:
                    line.visited = True
                    line.credit += _QUANTUM * line.share
                if line.credit >= line.items[0][1]:
                    return self._pop(name, line)
                self._end_turn(name, line)
            # nobody could pay: skip the rounds that would end in the same way
            rounds = min(
                math.ceil((line.items[0][1] - line.credit) / (_QUANTUM * line.share)) - 1
                for line in lines.values()
            )
            for line in lines.values():
                line.credit += rounds * _QUANTUM * line.share

    def _pop(self, name: str, line: _Line[T]) -> T:
        item, cost = line.items.popleft()
        line.credit -= cost
        line.cost -= cost
        self._length -= 1
        if not line.items:
            del self._lines[name]
        elif line.credit < line.items[0][1]:
            self._end_turn(name, line)
        return item

    def _end_turn(self, name: str, line: _Line[T]) -> None:
        """Move a line to the end of the order."""
        line.visited = False
        self._lines[name] = self._lines.pop(name)

    def discard(self, unwanted: Callable[[T], bool]) -> list[T]:
        """Remove and return the unwanted items."""
        removed = []
        for name, line in list(self._lines.items()):
            kept: deque[tuple[T, float]] = deque()
            for item, cost in line.items:
                if unwanted(item):
                    removed.append(item)
                    line.cost -= cost
                else:
                    kept.append((item, cost))
            line.items = kept
            if not kept:
                del self._lines[name]
        self._length -= len(removed)
        return removed

    def ahead(self, caller: Caller, cost: float) -> float:
        """Return how much work is taken before a new item of this cost could be."""
        own = self._lines.get(caller.name)
        waiting = 0.0 if own is None else own.cost
        return waiting + sum(
            # meanwhile the others get as much, in proportion to their shares
            min(line.cost, (waiting + cost) * line.share / caller.share)
            for line in self._lines.values()
            if line is not own
        )


def fair_share(limit: float, caller: Caller, shares: Mapping[str, float]) -> float:
    """Return a caller's part of a limit.

    Args:
        limit: what all active callers may use together.
        caller: the caller.
        shares: the shares of the active callers, by name; with or without `caller`.
    """
    others = sum(share for name, share in shares.items() if name != caller.name)
    return limit * caller.share / (others + caller.share)
