"""Metrics for Prometheus."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jumok.service.call_record import CallRecord, TimedJob, waited
from jumok.service.errors import (
    DeadlineError,
    EngineError,
    ReaderStoppedError,
    ServiceError,
    UnavailableError,
)
from jumok.service.metrics import Metrics, Occupancy

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SHORT: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)
_NOT_REFUSALS: Final = (DeadlineError, EngineError, ReaderStoppedError, UnavailableError)
_CANCELLATIONS: Final = {
    "CANCELLED": "caller",
    "DEADLINE_EXCEEDED": "deadline",
    "ABORTED": "reader",
}
_CALLER: Final = ("method", "model", "key")


class PrometheusMetrics(Metrics):
    """Keeps measurements in a registry of its own.

    The values of labels come from us, never from a caller: methods that exist, models that are
    served, names of API keys.

    Attributes:
        registry: what Prometheus collects.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._duration = Histogram(
            "jumok_call_duration_seconds",
            "Duration of calls, from arrival to status",
            ("method", "model", "status", "key"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._first_token = Histogram(
            "jumok_time_to_first_token_seconds",
            "Time from the arrival of a streamed call to its first token",
            _CALLER,
            buckets=_SECONDS,
            registry=registry,
        )
        self._inter_token = Histogram(
            "jumok_inter_token_latency_seconds",
            "Time between two messages of a stream, per token of the later one",
            _CALLER,
            buckets=_SHORT,
            registry=registry,
        )
        self._queue_wait = Histogram(
            "jumok_queue_wait_seconds",
            "Time that a text waited to be encoded, or until it was given up",
            _CALLER,
            buckets=(0.001, *_SECONDS),
            registry=registry,
        )
        self._source_tokens = Counter(
            "jumok_source_tokens", "Source tokens of admitted texts", _CALLER, registry=registry
        )
        self._target_tokens = Counter(
            "jumok_target_tokens",
            "Target tokens decided, ends of sentences included",
            _CALLER,
            registry=registry,
        )
        self._refusals = Counter(
            "jumok_refusals",
            "Calls, and texts of batches, that were refused",
            ("method", "model", "reason", "key"),
            registry=registry,
        )
        self._cancellations = Counter(
            "jumok_cancellations",
            "Calls given up: by the caller, at the deadline, or for a reader that stopped reading",
            ("method", "model", "cause", "key"),
            registry=registry,
        )
        self._encoding = Histogram(
            "jumok_encoder_seconds",
            "Duration of one run of the encoder",
            ("model",),
            buckets=_SHORT,
            registry=registry,
        )
        self._step = Histogram(
            "jumok_step_seconds",
            "Duration of one step of a lane, searches included",
            ("model",),
            buckets=_SHORT,
            registry=registry,
        )
        self._loop_lag = Histogram(
            "jumok_event_loop_lag_seconds",
            "How late the event loop ran a timer",
            buckets=_SHORT,
            registry=registry,
        )
        self._bytes = Gauge(
            "jumok_in_flight_bytes",
            "Bytes of requests and responses in flight",
            registry=registry,
        )
        self._serving = Gauge(
            "jumok_serving", "Whether health is SERVING: 1 or 0", registry=registry
        )

    def tokens_sent(self, call: CallRecord, seconds_per_token: float) -> None:
        """See `CallObserver`."""
        self._inter_token.labels(*_caller(call)).observe(seconds_per_token)

    def refused(self, call: CallRecord, error: ServiceError) -> None:
        """See `CallObserver`."""
        if not isinstance(error, _NOT_REFUSALS):
            reason = _reason(type(error))
            self._refusals.labels(call.method, call.model, reason, call.key).inc()

    def text_ended(self, call: CallRecord, job: TimedJob, target_tokens: int) -> None:
        """See `CallObserver`."""
        caller = _caller(call)
        self._queue_wait.labels(*caller).observe(waited(job))
        self._source_tokens.labels(*caller).inc(len(job.source) - 1)
        self._target_tokens.labels(*caller).inc(target_tokens)

    def call_ended(self, call: CallRecord) -> None:
        """See `CallObserver`."""
        self._duration.labels(call.method, call.model, call.status, call.key).observe(call.total)
        if call.first_token is not None:
            self._first_token.labels(*_caller(call)).observe(call.first_token)
        if (cause := _CANCELLATIONS.get(call.status)) is not None:
            self._cancellations.labels(call.method, call.model, cause, call.key).inc()

    def encoded(self, model: str, seconds: float) -> None:
        """See `Metrics`."""
        self._encoding.labels(model).observe(seconds)

    def stepped(self, model: str, seconds: float) -> None:
        """See `Metrics`."""
        self._step.labels(model).observe(seconds)

    def loop_lagged(self, seconds: float) -> None:
        """See `Metrics`."""
        self._loop_lag.observe(seconds)

    def watch_scheduler(self, scheduler: Occupancy) -> None:
        """See `Metrics`."""
        self.registry.register(_OccupancyCollector(scheduler))

    def watch_bytes(self, read: Callable[[], float]) -> None:
        """See `Metrics`."""
        self._bytes.set_function(read)

    def watch_serving(self, read: Callable[[], bool]) -> None:
        """See `Metrics`."""
        self._serving.set_function(read)

    def watch_reloads(self, read: Callable[[], tuple[int, int]]) -> None:
        """See `Metrics`."""
        self.registry.register(_ReloadCollector(read))

    def watch_dropped(self, read: Callable[[], int]) -> None:
        """See `Metrics`."""
        self.registry.register(_DroppedCollector(read))


class _OccupancyCollector(Collector):
    def __init__(self, scheduler: Occupancy) -> None:
        self._scheduler = scheduler

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "jumok_queue_length", "Sentences waiting for a row", self._scheduler.waiting
        )
        rows = GaugeMetricFamily(
            "jumok_rows",
            "Hypotheses being decoded, by beam width and maximum source positions of their lane",
            labels=("model", "beam", "width"),
        )
        for lane in self._scheduler.lane_rows:
            rows.add_metric((lane.model, str(lane.beam), str(lane.width)), lane.rows)
        yield rows


class _DroppedCollector(Collector):
    def __init__(self, read: Callable[[], int]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "jumok_log_lines_dropped",
            "Log lines dropped because they were not written in time",
            self._read(),
        )


class _ReloadCollector(Collector):
    def __init__(self, read: Callable[[], tuple[int, int]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        reloads = CounterMetricFamily(
            "jumok_reloads", "Bundles loaded while serving", labels=("outcome",)
        )
        for outcome, count in zip(("loaded", "failed"), self._read(), strict=True):
            reloads.add_metric((outcome,), count)
        yield reloads


def _caller(call: CallRecord) -> tuple[str, str, str]:
    return call.method, call.model, call.key


def _reason(error: type[ServiceError]) -> str:
    """Name a class of errors, such as "invalid_request"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", error.__name__.removesuffix("Error")).lower()
