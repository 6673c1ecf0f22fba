"""What is measured: calls, texts, the engine and the event loop."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from jumok.service.call_record import CallObserver


class LaneRows(NamedTuple):
    """The rows that a lane uses.

    Attributes:
        model: name of the model.
        beam: hypotheses per sentence.
        width: maximum number of source positions.
        rows: hypotheses in use.
    """

    model: str
    beam: int
    width: int
    rows: int


class Occupancy(Protocol):
    """A scheduler, as far as metrics read it, on any thread."""

    @property
    def waiting(self) -> int:
        """Number of waiting sentences."""

    @property
    def lane_rows(self) -> Iterable[LaneRows]:
        """The rows in use."""


class Metrics(CallObserver):
    """Receives measurements and forgets them; see `PrometheusMetrics`."""

    def encoded(self, model: str, seconds: float) -> None:
        """Measure one run of the encoder; on the engine's thread."""

    def stepped(self, model: str, seconds: float) -> None:
        """Measure one step of a lane, searches included; on the engine's thread."""

    def loop_lagged(self, seconds: float) -> None:
        """Measure how late the event loop ran a timer."""

    def watch_scheduler(self, scheduler: Occupancy) -> None:
        """Read the scheduler whenever metrics are collected."""

    def watch_bytes(self, read: Callable[[], float]) -> None:
        """Read the bytes of requests and responses in flight whenever metrics are collected."""

    def watch_serving(self, read: Callable[[], bool]) -> None:
        """Read whether health is SERVING whenever metrics are collected."""

    def watch_reloads(self, read: Callable[[], tuple[int, int]]) -> None:
        """Read how many bundles were loaded and failed to load, whenever metrics are collected."""

    def watch_dropped(self, read: Callable[[], int]) -> None:
        """Read the number of dropped log lines whenever metrics are collected."""
