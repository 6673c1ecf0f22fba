"""Spans of calls, recorded by OpenTelemetry's exporter in memory."""

import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import grpc
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from jumok.service import monitoring
from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.service.spans import Tracing
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.calls import TEXT
from tests.service.conftest import CopyingEngine, refusal

CALL = "jumok.v1.TranslationService/Translate"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
IMPORTS = """
import sys
import jumok.service.server
from jumok.service.tracing import open_tracing
assert open_tracing() is None
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(monitoring, "open_tracing", lambda: Tracing(SimpleSpanProcessor(exporter)))
    return exporter


async def spans(
    exporter: InMemorySpanExporter, model: ServedModel, config: ServiceConfig, call: Any
) -> Mapping[str, ReadableSpan]:
    """Make a call of a new server, and return its spans by name."""
    server = Server(config, ModelRegistry([model]))
    await server.start()
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        await call(TranslationServiceStub(channel))
    await server.stop()
    return {span.name: span for span in exporter.get_finished_spans()}


async def test_stages_are_children_of_the_call(
    exporter: InMemorySpanExporter, model: ServedModel, config: ServiceConfig
) -> None:
    """Queue, encoding and decoding follow each other within the call."""

    async def translate(stub: Any) -> None:
        async for _ in stub.Translate(pb.TranslateRequest(text=TEXT)):
            pass

    found = await spans(exporter, model, config, translate)
    call, *stages = (found[name] for name in (CALL, "queue", "encoding", "decoding"))
    assert len(found) == 4
    times = [call.start_time]
    for stage in stages:
        assert stage.parent is not None
        assert stage.parent.span_id == call.context.span_id
        times += [stage.start_time, stage.end_time]
    times.append(call.end_time)
    slack = 1_000_000  # the two clocks are read one after the other
    assert all(a <= b + slack for a, b in pairwise(times))  # type: ignore[operator]
    assert call.attributes is not None
    assert call.attributes["rpc.method"] == "Translate"
    assert call.attributes["jumok.model"] == "copy"
    assert call.attributes["jumok.characters"] == len(TEXT)


async def test_the_callers_span_is_the_parent(
    exporter: InMemorySpanExporter, model: ServedModel, config: ServiceConfig
) -> None:
    """A call that sends `traceparent` belongs to that trace."""

    async def get_model(stub: Any) -> None:
        await stub.GetModel(
            pb.GetModelRequest(), metadata=(("traceparent", f"00-{TRACE}-{PARENT}-01"),)
        )

    [span] = (await spans(exporter, model, config, get_model)).values()
    assert f"{span.context.trace_id:032x}" == TRACE
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == PARENT


async def test_calls_do_not_share_a_trace(
    exporter: InMemorySpanExporter, model: ServedModel, config: ServiceConfig
) -> None:
    """Two calls of one connection have traces of their own, and a batch has spans for each text."""

    async def calls(stub: Any) -> None:
        await stub.GetModel(pb.GetModelRequest())
        await stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT, TEXT]))

    await spans(exporter, model, config, calls)
    finished = exporter.get_finished_spans()
    assert len({span.context.trace_id for span in finished}) == 2
    assert [span.name for span in finished].count("decoding") == 2


async def test_failures_are_marked(
    exporter: InMemorySpanExporter,
    model: ServedModel,
    config: ServiceConfig,
    engine: CopyingEngine,
) -> None:
    """The span of a call that failed is an error, without a description; a refusal is none."""

    async def fail(stub: Any) -> None:
        engine.failing = True
        await refusal(stub.Translate(pb.TranslateRequest(text=TEXT)))
        await refusal(stub.Translate(pb.TranslateRequest(text=TEXT, model="canary")))

    await spans(exporter, model, config, fail)
    failed, refused = (span for span in exporter.get_finished_spans() if span.name == CALL)
    assert failed.status.status_code is StatusCode.ERROR
    assert refused.status.status_code is StatusCode.UNSET
    assert "canary" not in refused.to_json() + failed.to_json()


def test_tracing_is_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an endpoint OpenTelemetry is not even imported."""
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    command = [sys.executable, "-c", IMPORTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
