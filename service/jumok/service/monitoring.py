"""What is measured, logged and traced of a server, put together from its configuration."""

import asyncio
from collections.abc import Callable
from typing import Final

from jumok.service.call_interceptor import CallInterceptor
from jumok.service.call_log import CallLog
from jumok.service.call_record import CallObserver
from jumok.service.config import ServiceConfig
from jumok.service.log_lines import dropped_lines
from jumok.service.loop_lag import LoopLag
from jumok.service.metrics import Metrics
from jumok.service.metrics_server import MetricsServer
from jumok.service.prometheus_metrics import PrometheusMetrics
from jumok.service.tracing import open_tracing

_FLUSH_SECONDS: Final = 2.0


class Monitoring:
    """The metrics, log lines and traces of one server.

    Attributes:
        metrics: receives measurements; without `metrics_listen` it forgets them.
        interceptor: records the calls; the server's first interceptor.
        port: port of the metrics; 0 without.
        ready: returns whether health is SERVING.
    """

    def __init__(self, config: ServiceConfig, ready: Callable[[], bool]) -> None:
        """Prepare to monitor a server; `ready` says whether health is SERVING, on any thread.

        Raises:
            StartupError: the address for metrics cannot be used.
        """
        self.metrics = Metrics()
        self.ready = ready
        self.port = 0
        self._server: MetricsServer | None = None
        if config.metrics_listen:
            self.metrics = metrics = PrometheusMetrics()
            metrics.watch_serving(ready)
            metrics.watch_dropped(dropped_lines)
            self._lag = LoopLag(metrics)
            self._server = MetricsServer(
                config.metrics_listen, metrics.registry, lambda: self._lag.responsive, ready
            )
            self.port = self._server.port
        observers: list[CallObserver] = [self.metrics, CallLog()]
        self._tracing = open_tracing()
        if self._tracing is not None:
            observers.append(self._tracing)
        self.interceptor = CallInterceptor(observers)

    def start(self) -> None:
        """Start serving metrics, on the running event loop."""
        if self._server is not None:
            self._lag.start()
            self._server.start()

    async def stop(self) -> None:
        """Stop serving metrics, and send the remaining spans within two seconds."""
        if self._server is not None:
            self._lag.stop()
            await asyncio.to_thread(self._server.stop)
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.flush, _FLUSH_SECONDS)
