"""Metrics and probes of a server, collected over HTTP."""

import asyncio
import threading
from typing import Any

import grpc
import pytest

from jumok.service.config import ServiceConfig
from jumok.service.errors import StartupError
from jumok.service.metrics_server import MetricsServer
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events, until
from tests.service.conftest import CopyingEngine, refusal
from tests.service.scrape import get, scraped

TRANSLATE = "/jumok.v1.TranslationService/Translate"
BATCH = "/jumok.v1.TranslationService/TranslateBatch"


@pytest.fixture
def config(config: ServiceConfig) -> ServiceConfig:
    return config.model_copy(update={"metrics_listen": "localhost:0"})


async def test_a_translation_is_measured(stub: Any, server: Server) -> None:
    """A stream appears in all histograms and counters of its method and model."""
    source, tokens, _ = await events(stub, text=TEXT)
    labels = {"method": TRANSLATE, "model": "copy", "key": ""}
    scrape = await scraped(server.monitoring.port)

    assert scrape.value("jumok_call_duration_seconds_count", status="OK", **labels) == 1
    assert scrape.value("jumok_time_to_first_token_seconds_count", **labels) == 1
    assert scrape.value("jumok_queue_wait_seconds_count", **labels) == 1
    assert scrape.value("jumok_source_tokens_total", **labels) == len(source.tokens) - 1
    assert scrape.value("jumok_target_tokens_total", **labels) == len(tokens) + 1
    assert scrape.value("jumok_encoder_seconds_count", model="copy") == 1
    assert scrape.value("jumok_step_seconds_count", model="copy") >= len(tokens)
    assert scrape.value("jumok_serving") == 1


async def test_reloads_are_counted(server: Server) -> None:
    """Bundles that were loaded, and those that could not be, are counted apart."""
    server.monitoring.metrics.watch_reloads(lambda: (3, 1))
    scrape = await scraped(server.monitoring.port)
    assert scrape.value("jumok_reloads_total", outcome="loaded") == 3
    assert scrape.value("jumok_reloads_total", outcome="failed") == 1


async def test_inter_token_latency_is_measured_for_each_message(
    stub: Any, server: Server, engine: CopyingEngine
) -> None:
    """Each message with tokens after the first counts once, divided by its tokens."""
    engine.gate = threading.Semaphore(1)
    responses = 0
    async for response in stub.Translate(pb.TranslateRequest(text=TEXT)):
        responses += response.WhichOneof("event") == "tokens"
        engine.gate.release()
    scrape = await scraped(server.monitoring.port)

    count = scrape.value("jumok_inter_token_latency_seconds_count", method=TRANSLATE)
    assert responses > 2
    assert count in (responses - 1, responses - 2)  # the last message may have no tokens


async def test_queue_and_rows_are_read_when_collected(
    stub: Any, server: Server, engine: CopyingEngine
) -> None:
    """Running hypotheses appear by lane, waiting sentences as the length of the queue."""
    engine.gate = threading.Semaphore(0)
    wide = pb.DecodingOptions(beam_search=pb.BeamSearch(width=16))
    calls = [stub.Translate(pb.TranslateRequest(text=TEXT, decoding=wide)) for _ in range(3)]
    reading = [asyncio.ensure_future(_read(call)) for call in calls]
    await until(lambda: server._delivery._scheduler.waiting == 2)
    scrape = await scraped(server.monitoring.port)

    assert scrape.value("jumok_rows", model="copy", beam="16", width="32") == 16
    assert scrape.value("jumok_queue_length") == 2
    engine.gate.release(10_000)
    await asyncio.gather(*reading)


async def _read(call: Any) -> None:
    async for _ in call:
        pass


async def test_refusals_are_counted_by_reason(stub: Any, server: Server) -> None:
    """Refused calls count by the class of their error, and refused texts of a batch, too."""
    await refusal(stub.Translate(pb.TranslateRequest(text="")))
    await refusal(stub.Translate(pb.TranslateRequest(text=TEXT, model="none")))
    await stub.TranslateBatch(pb.TranslateBatchRequest(texts=["", TEXT, ""]))
    scrape = await scraped(server.monitoring.port)
    name = "jumok_refusals_total"

    assert scrape.value(name, method=TRANSLATE, reason="invalid_request", model="copy") == 1
    assert scrape.value(name, method=TRANSLATE, reason="model_not_found", model="") == 1
    assert scrape.value(name, method=BATCH, reason="invalid_request") == 2
    assert scrape.value("jumok_call_duration_seconds_count", status="INVALID_ARGUMENT") == 1
    assert scrape.value("jumok_call_duration_seconds_count", status="NOT_FOUND") == 1


async def test_cancellations_are_counted_by_cause(
    stub: Any, server: Server, engine: CopyingEngine
) -> None:
    """A caller's cancellation and a passed deadline count once each, and are no refusals."""
    engine.gate = threading.Semaphore(1)
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    await anext(aiter(call))
    call.cancel()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _read(stub.Translate(pb.TranslateRequest(text=TEXT), timeout=0.3))
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    engine.gate.release(10_000)
    name = "jumok_cancellations_total"
    async with asyncio.timeout(20):
        scrape = await scraped(server.monitoring.port)
        while scrape.value(name) < 2:
            scrape = await scraped(server.monitoring.port)

    assert scrape.value(name, cause="caller", method=TRANSLATE) == 1
    assert scrape.value(name, cause="deadline", method=TRANSLATE) == 1
    assert scrape.value("jumok_refusals_total") == 0


async def test_methods_that_do_not_exist_share_a_label(
    channel: grpc.aio.Channel, server: Server
) -> None:
    """The names of unknown methods are not kept: callers could choose any number of them."""
    for name in ("/a/b", "/c/d"):
        with pytest.raises(grpc.aio.AioRpcError):
            method: Any = channel.unary_unary(name)
            await method(b"")
    scrape = await scraped(server.monitoring.port)

    count = "jumok_call_duration_seconds_count"
    assert scrape.value(count, method="", status="UNIMPLEMENTED") == 2


async def test_the_lag_of_the_event_loop_is_measured(server: Server) -> None:
    """The event loop reports how late it runs its timers."""
    async with asyncio.timeout(20):
        while True:
            scrape = await scraped(server.monitoring.port)
            if scrape.value("jumok_event_loop_lag_seconds_count") >= 2:
                break
            await asyncio.sleep(0.05)


async def test_probes(server: Server, engine: CopyingEngine, stub: Any) -> None:
    """The server is live and ready; while it drains it is live but not ready."""
    port = server.monitoring.port
    for path in ("/livez", "/readyz"):
        assert (await asyncio.to_thread(get, port, path))[0] == 200
    assert (await asyncio.to_thread(get, port, "/other"))[0] == 404
    engine.gate = threading.Semaphore(1)
    stream = aiter(stub.Translate(pb.TranslateRequest(text=TEXT)))
    await anext(stream)
    stopping = asyncio.create_task(server.stop())
    await until(lambda: not server.monitoring.ready())

    assert (await asyncio.to_thread(get, port, "/readyz"))[0] == 503
    assert (await asyncio.to_thread(get, port, "/livez"))[0] == 200
    engine.gate.release(10_000)
    async for _ in stream:
        pass
    await stopping


async def test_a_blocked_event_loop_is_not_live(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event loop that has not run for longer than allowed fails the liveness probe."""
    monkeypatch.setattr("jumok.service.loop_lag._UNRESPONSIVE_SECONDS", 0.2)
    codes: list[int] = []

    def probe() -> None:
        codes.append(get(server.monitoring.port, "/livez")[0])

    asking = threading.Timer(0.5, probe)
    asking.start()
    asking.join()  # blocks the event loop

    assert codes == [503]


async def test_the_port_must_be_free(server: Server) -> None:
    """A port in use is an error that says which."""
    with pytest.raises(StartupError, match="for metrics"):
        MetricsServer(
            f"localhost:{server.monitoring.port}",
            server.monitoring.metrics.registry,  # type: ignore[attr-defined]
            lambda: True,
            lambda: True,
        )
