"""Abandoned calls: cancelled, disconnected, past their deadline, or no longer read."""

import asyncio
import threading
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from jumok.service.batch_admission import BatchAdmission
from jumok.service.interceptors import ReaderInterceptor
from jumok.service.memory import MemoryBudget
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.service.servicer import TranslationServicer
from jumok.service.translator import Translator
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.calls import TEXT, until
from tests.service.conftest import CopyingEngine, refusal


def idle(server: Server) -> bool:
    """Return whether no row is in use and no call is recorded."""
    return not server._delivery._scheduler.running and not server._delivery._outboxes


async def test_cancellation_stops_decoding(
    stub: Any, engine: CopyingEngine, server: Server
) -> None:
    """After a cancellation only the current step is completed, and nothing is left behind."""
    engine.gate = threading.Semaphore(1)
    call = stub.Translate(pb.TranslateRequest(text=TEXT))
    stream = aiter(call)
    await anext(stream)
    await anext(stream)
    call.cancel()
    await until(lambda: not server._delivery._outboxes)
    engine.gate.release(100)
    await until(lambda: idle(server))
    assert engine.steps <= 2


async def test_disconnection_stops_decoding(engine: CopyingEngine, server: Server) -> None:
    """A lost connection releases its row."""
    engine.gate = threading.Semaphore(1)
    lost = grpc.aio.insecure_channel(f"localhost:{server.port}")
    call = TranslationServiceStub(lost).Translate(pb.TranslateRequest(text=TEXT))
    stream = aiter(call)
    await anext(stream)
    await anext(stream)
    await lost.close()
    await until(lambda: not server._delivery._outboxes)
    engine.gate.release(100)
    await until(lambda: idle(server))
    assert engine.steps <= 2


async def test_deadline_ends_the_call(stub: Any, engine: CopyingEngine, server: Server) -> None:
    """A call whose deadline passes gets DEADLINE_EXCEEDED."""
    engine.gate = threading.Semaphore(1)
    call = stub.Translate(pb.TranslateRequest(text=TEXT), timeout=0.3)
    error, _ = await refusal(call)
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    engine.gate.release(100)
    await until(lambda: idle(server))


class StoppedReader:
    """A call context whose client reads some messages and then nothing, not even the status."""

    def __init__(self, messages: int, server: Server) -> None:
        self.messages, self.server = messages, server
        self.aborted = asyncio.Event()
        self.freed_first = False

    def time_remaining(self) -> None:
        return None

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"

    async def write(self, message: object) -> None:
        self.messages -= 1
        if self.messages < 0:
            await asyncio.Event().wait()

    async def abort(self, code: object, details: str, metadata: object) -> None:
        self.freed_first = not self.server._delivery._outboxes
        self.aborted.set()
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("method", "request_message", "messages"),
    [
        ("Translate", pb.TranslateRequest(text=TEXT), 1),
        ("TranslateBatch", pb.TranslateBatchRequest(texts=[TEXT]), 0),
        ("Align", pb.AlignRequest(source=TEXT, target=TEXT), 0),
    ],
)
async def test_stalled_reader_is_disconnected(
    server: Server,
    engine: CopyingEngine,
    model: ServedModel,
    method: str,
    request_message: Any,
    messages: int,
) -> None:
    """If a client stops reading, its row is released, then the status sent; its memory is kept."""
    context, memory = StoppedReader(messages, server), MemoryBudget(10**6)
    servicer = TranslationServicer(
        ModelRegistry([model]), Translator(server._delivery), BatchAdmission(1, 1)
    )
    behaviour = getattr(servicer, method)
    handler: Any = (
        grpc.unary_stream_rpc_method_handler(behaviour)
        if method == "Translate"
        else grpc.unary_unary_rpc_method_handler(behaviour)
    )

    async def found(_: object) -> Any:
        return handler

    call: Any = SimpleNamespace(method=f"/jumok.v1.TranslationService/{method}")
    wrapped: Any = await ReaderInterceptor(0.2, memory).intercept_service(found, call)
    running = asyncio.ensure_future(wrapped.unary_stream(request_message, context))
    async with asyncio.timeout(20):
        await context.aborted.wait()
    assert context.freed_first
    assert memory.reserved > 0
    running.cancel()  # as gRPC does when the connection ends
    await asyncio.wait([running])
    assert memory.reserved == 0
    await until(lambda: idle(server))


class NeverRead:
    """The context of a call whose client never reads."""

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"

    async def write(self, response: object) -> None:
        await asyncio.Event().wait()

    def set_trailing_metadata(self, metadata: object) -> None:
        pass

    async def abort(self, code: object, details: str, metadata: object = ()) -> None:
        raise grpc.aio.AbortError


async def test_a_late_look_at_writes_does_not_end_the_looks() -> None:
    """If the loop was held while a write was being ended, later writes are still ended."""

    async def behaviour(request: object, context: object) -> AsyncIterator[str]:
        yield "response"

    async def found(_: object) -> Any:
        return grpc.unary_stream_rpc_method_handler(behaviour)

    interceptor = ReaderInterceptor(0.2, MemoryBudget(10**6))
    call: Any = SimpleNamespace(method="/jumok.v1.TranslationService/Translate")
    wrapped: Any = await interceptor.intercept_service(found, call)
    look = interceptor._end_late_writes

    def twice() -> None:
        look()  # the timeout that it moves passes in the next iteration, before the second look
        asyncio.get_running_loop().call_later(0, look)

    interceptor._end_late_writes = twice  # type: ignore[method-assign]
    for _ in range(2):
        running = asyncio.ensure_future(wrapped.unary_stream(None, NeverRead()))
        async with asyncio.timeout(20):
            with pytest.raises(grpc.aio.AbortError):
                await running
