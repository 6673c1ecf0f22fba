"""Tracing with OpenTelemetry, which is imported only if it is turned on."""

import os
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from jumok.service.spans import Tracing

_log = structlog.get_logger()
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def open_tracing() -> "Tracing | None":
    """Return what sends spans to the collector that the environment names; None if it names none.

    OpenTelemetry's own variables configure it further, such as OTEL_SERVICE_NAME.
    """
    if not any(map(os.environ.get, _ENDPOINTS)):
        return None
    try:
        from jumok.service.spans import otlp_tracing
    except ModuleNotFoundError:
        _log.warning("there is no tracing: install the extra `tracing` of jumok")
        return None
    return otlp_tracing()
