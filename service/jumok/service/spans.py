"""The spans of a call: the call itself, and queue, encoding and decoding of each text."""

import os
import threading
import time
from collections.abc import Mapping
from typing import Final

from opentelemetry import context, trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from jumok.service.call_record import CallObserver, CallRecord, TimedJob

_FAILURES: Final = ("DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE", "UNKNOWN")
_PARENT = TraceContextTextMapPropagator()


class Tracing(CallObserver):
    """Makes the spans of calls. Like log lines, they contain no text of a caller.

    OpenTelemetry's instrumentation of gRPC would only make the span of the call, and record the
    description of an error, which may quote the name of a model that a caller sent.
    """

    def __init__(self, processor: SpanProcessor) -> None:
        """Hand finished spans to `processor`."""
        resource = Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "jumok")})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("jumok")

    def call_started(self, call: CallRecord, metadata: Mapping[str, str]) -> None:
        """Start the span of a call, as a child of the caller's span if it sends one."""
        parent = _PARENT.extract(metadata)
        service, _, method = call.method.removeprefix("/").rpartition("/")
        span = self._tracer.start_span(
            call.method.removeprefix("/") or "unknown",
            parent,
            SpanKind.SERVER,
            {
                "rpc.system": "grpc",
                "rpc.service": service,
                "rpc.method": method,
                "jumok.request_id": call.request_id,
            },
        )
        # never detached: the context ends with the task of the call
        context.attach(trace.set_span_in_context(span, parent))

    def text_ended(self, call: CallRecord, job: TimedJob, target_tokens: int) -> None:
        """Make the spans of one text."""
        now = time.monotonic()
        stages = [
            ("queue", job.arrived, job.started or now),
            ("encoding", job.started, job.encoded or now),
            ("decoding", job.encoded, now),
        ]
        tokens = {"jumok.source_tokens": len(job.source) - 1, "jumok.target_tokens": target_tokens}
        epoch = time.time() - now
        for name, start, end in stages:
            if start:
                span = self._tracer.start_span(
                    name, attributes=tokens, start_time=_nanoseconds(epoch + start)
                )
                span.end(_nanoseconds(epoch + end))

    def call_ended(self, call: CallRecord) -> None:
        """End the span of a call."""
        span = trace.get_current_span()
        span.set_attributes(
            {
                "rpc.grpc.status": call.status,
                "jumok.model": call.model,
                "jumok.texts": call.texts,
                "jumok.characters": call.characters,
                "jumok.source_tokens": call.source_tokens,
                "jumok.target_tokens": call.target_tokens,
            }
        )
        if call.status in _FAILURES:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def flush(self, seconds: float) -> None:
        """Send the remaining spans, for at most this many seconds."""
        # the provider itself would wait for an unreachable collector for half a minute
        thread = threading.Thread(target=self._provider.shutdown, daemon=True)
        thread.start()
        thread.join(seconds)


def otlp_tracing() -> Tracing:
    """Return tracing that sends spans in batches, over OTLP and gRPC, from a thread of its own."""
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return Tracing(BatchSpanProcessor(OTLPSpanExporter()))


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
