"""Interceptors: standard ones can wrap our methods, and errors become statuses."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest

from jumok.service.config import ServiceConfig
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.service.translator import Translator
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.calls import TEXT
from tests.service.conftest import refusal


class Tracing(grpc.aio.ServerInterceptor):
    """Wraps methods as OpenTelemetry's interceptor does: streams are async generators.

    Attributes:
        spans: for each call its method, and how many messages it sent or which error ended it.
    """

    def __init__(self) -> None:
        self.spans: list[tuple[str, object]] = []

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        method = handler_call_details.method.rpartition("/")[2]
        if handler is None:
            return None

        async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
            count = 0
            try:
                async for response in handler.unary_stream(request, context):
                    count += 1
                    yield response
            except Exception as error:
                self.spans.append((method, type(error).__name__))
                raise
            self.spans.append((method, count))

        async def call(request: Any, context: Any) -> Any:
            response = await handler.unary_unary(request, context)
            self.spans.append((method, 1))
            return response

        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                stream, handler.request_deserializer, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            call, handler.request_deserializer, handler.response_serializer
        )


async def test_a_standard_interceptor_sees_streams(
    model: ServedModel, config: ServiceConfig
) -> None:
    """An interceptor between ours wraps streams and unary calls, and sees errors as aborts."""
    tracing = Tracing()
    server = Server(config, ModelRegistry([model]), [tracing])
    await server.start()
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        stub: Any = TranslationServiceStub(channel)
        responses = [response async for response in stub.Translate(pb.TranslateRequest(text=TEXT))]
        await stub.GetModel(pb.GetModelRequest())
        error, _ = await refusal(stub.Translate(pb.TranslateRequest(text="")))
    await server.stop()
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert tracing.spans == [
        ("Translate", len(responses)),
        ("GetModel", 1),
        ("Translate", "AbortError"),
    ]


@pytest.mark.parametrize("method", ["Translate", "Align", "Explain", "TranslateBatch", "GetModel"])
async def test_a_bug_is_internal(stub: Any, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """An unexpected exception is INTERNAL, without its text, whichever method raises it."""

    def fail(*_: object, **__: object) -> Any:
        raise RuntimeError("secret")

    monkeypatch.setattr(Translator, "translate", fail)
    monkeypatch.setattr(Translator, "align", fail)
    monkeypatch.setattr(Translator, "explain", fail)
    monkeypatch.setattr("jumok.service.servicer.model_message", fail)
    requests: dict[str, Any] = {
        "Translate": pb.TranslateRequest(text=TEXT),
        "Align": pb.AlignRequest(source=TEXT, target=TEXT),
        "Explain": pb.ExplainRequest(text=TEXT),
        "TranslateBatch": pb.TranslateBatchRequest(texts=[TEXT]),
        "GetModel": pb.GetModelRequest(),
    }
    call = getattr(stub, method)(requests[method])
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        if method == "Translate":
            async for _ in call:
                pass
        else:
            await call
    assert caught.value.code() == grpc.StatusCode.INTERNAL
    assert "secret" not in (caught.value.details() or "")
