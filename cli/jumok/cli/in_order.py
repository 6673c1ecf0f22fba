"""Work done at the same time, and handed over in the order that it was given in."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job(Generic[K, T]):
    """Work on one line.

    Attributes:
        line: Its number.
        asked: What it asks for.
        ask: Asks, and gives what comes back, as it comes.
    """

    line: int
    asked: K
    ask: Callable[[], Iterable[T]]


def in_order(
    jobs: Iterable[Job[K, T]], *, at_once: int
) -> Generator[tuple[Job[K, T], Iterator[T]], None, None]:
    """Runs jobs in threads, and yields each, in order, with what it gives.

    What the first unfinished one gives can be read while it runs; what later ones give waits.

    Args:
        jobs: They are asked for in a thread, as soon as there is room, so that waiting for the next
            one delays nothing.
        at_once: How many run at the same time at the most, those that wait to be read counted.
    """
    room = Semaphore(at_once)
    stopped = Event()

    def started() -> Iterator[tuple[Job[K, T], _Box[T]]]:
        for job in jobs:
            room.acquire()
            if stopped.is_set():
                return
            box: _Box[T] = _Box()
            Thread(target=box.fill, args=(job.ask,), daemon=True).start()
            yield job, box

    boxes: _Box[tuple[Job[K, T], _Box[T]]] = _Box()
    Thread(target=boxes.fill, args=(started,), daemon=True).start()
    try:
        for job, box in boxes:
            yield job, iter(box)
            room.release()
    finally:
        stopped.set()
        room.release()


class _Box(Generic[T]):
    """What one thread makes, for another to take out while it is being made."""

    def __init__(self) -> None:
        self._items: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()

    def fill(self, make: Callable[[], Iterable[T]]) -> None:
        """Puts all in, last the error that ended it, if any."""
        end: BaseException | None = None
        try:
            for item in make():
                self._items.put((item,))
        except BaseException as error:  # it is raised again where it can be handled
            end = error
        self._items.put(end)

    def __iter__(self) -> Iterator[T]:
        """Takes all out, waiting for what is still to come; raises what ended it."""
        while True:
            match self._items.get():
                case None:
                    return
                case BaseException() as error:
                    raise error
                case (item,):
                    yield item
