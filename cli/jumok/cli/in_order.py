"""Jobs that run at the same time, whose results come in the order of the jobs."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LineJob(Generic[K, T]):
    """Work on one line.

    Attributes:
        line: its number.
        asked: the text or the pair.
        ask: asks the server, and returns the results as they come.
    """

    line: int
    asked: K
    ask: Callable[[], Iterable[T]]


def in_order(
    jobs: Iterable[LineJob[K, T]], *, at_once: int
) -> Generator[tuple[LineJob[K, T], Iterator[T]], None, None]:
    """Run jobs in threads, and yield each, in order, with its results.

    The results of the first unfinished job can be read while it runs; those of later ones wait.

    Args:
        jobs: taken from the iterable in a thread of its own, as soon as there is room, so that
            waiting for the next one delays nothing.
        at_once: the most jobs that run at the same time, those that wait to be read counted.
    """
    room = Semaphore(at_once)
    stopped = Event()

    def started() -> Iterator[tuple[LineJob[K, T], _Box[T]]]:
        for job in jobs:
            room.acquire()
            if stopped.is_set():
                return
            box: _Box[T] = _Box()
            Thread(target=box.fill, args=(job.ask,), daemon=True).start()
            yield job, box

    boxes: _Box[tuple[LineJob[K, T], _Box[T]]] = _Box()
    Thread(target=boxes.fill, args=(started,), daemon=True).start()
    try:
        for job, box in boxes:
            yield job, iter(box)
            room.release()
    finally:
        stopped.set()
        room.release()


class _Box(Generic[T]):
    """Results that one thread puts in and another takes out meanwhile."""

    def __init__(self) -> None:
        self._items: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()

    def fill(self, make: Callable[[], Iterable[T]]) -> None:
        """Put all in, last the error that ended it, if any."""
        end: BaseException | None = None
        try:
            for item in make():
                self._items.put((item,))
        except BaseException as error:  # it is raised again where it can be handled
            end = error
        self._items.put(end)

    def __iter__(self) -> Iterator[T]:
        """Take all out, waiting for those still to come; raise the error that ended them."""
        while True:
            match self._items.get():
                case None:
                    return
                case BaseException() as error:
                    raise error
                case (item,):
                    yield item
