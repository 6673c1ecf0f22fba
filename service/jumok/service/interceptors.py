"""Interceptors that turn exceptions into statuses and abort streams that are not read."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any, TypeAlias

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from grpc import HandlerCallDetails
from grpc.aio import AbortError, ServerInterceptor

from jumok.service.errors import (
    EngineError,
    InvalidRequestError,
    ReaderStoppedError,
    ServiceError,
)
from jumok.service.log_lines import traceback_of
from jumok.service.malformed import explain
from jumok.service.statuses import abort
from jumok.v1.translation_pb2 import DESCRIPTOR

_log = structlog.get_logger()
_ABORT_SECONDS = 1  # a client that has stopped reading may not read the status either
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_Continuation: TypeAlias = "Callable[[HandlerCallDetails], Awaitable[_Handler | None]]"


class StatusInterceptor(ServerInterceptor):
    """Turns exceptions raised by the methods of our services into statuses.

    Each `ServiceError` has its own status. A request that cannot be parsed as the method's message
    gets INVALID_ARGUMENT, where gRPC would return INTERNAL. Any other exception is a bug: it is
    logged and becomes INTERNAL, where gRPC would return UNKNOWN with the text of the exception.
    """

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: HandlerCallDetails
    ) -> "_Handler | None":
        """Wrap a method of our services; leave others unchanged."""
        handler = await continuation(handler_call_details)
        method = _our_method(handler_call_details)
        if handler is None or method is None:
            return handler
        parse, request_type = handler.request_deserializer, method.input_type
        assert parse is not None

        def deserialize(content: bytes) -> Message | InvalidRequestError:
            try:
                message: Message = parse(content)
                return message
            except DecodeError:
                return InvalidRequestError(*explain(content, request_type))

        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _statuses_of_stream(handler.unary_stream), deserialize, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            _statuses_of(handler.unary_unary), deserialize, handler.response_serializer
        )


class ReaderInterceptor(ServerInterceptor):
    """Ends streams of our services with ABORTED if the client does not read for too long.

    It must come first: it writes the responses itself, because only the duration of a write shows
    that the client is not reading. The interceptors after it see an async generator.
    """

    def __init__(self, seconds: float) -> None:
        """Allow `seconds` for each write."""
        self._seconds = seconds

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: HandlerCallDetails
    ) -> "_Handler | None":
        """Wrap a streaming method of our services; leave others unchanged."""
        handler = await continuation(handler_call_details)
        if (
            handler is None
            or _our_method(handler_call_details) is None
            or not handler.response_streaming
        ):
            return handler
        behaviour: Any = handler.unary_stream
        seconds = self._seconds

        async def write(request: Any, context: Any) -> None:
            now = asyncio.get_running_loop().time
            try:
                async with (
                    asyncio.timeout(None) as patience,
                    aclosing(behaviour(request, context)) as responses,
                ):
                    async for response in responses:
                        patience.reschedule(now() + seconds)
                        await context.write(response)
                        patience.reschedule(None)
            except TimeoutError:  # the row has been released
                with suppress(TimeoutError):
                    async with asyncio.timeout(_ABORT_SECONDS):
                        await abort(context, ReaderStoppedError(seconds))

        return grpc.unary_stream_rpc_method_handler(
            write,
            handler.request_deserializer,
            handler.response_serializer,
        )


def _our_method(details: HandlerCallDetails) -> Any:
    """Return the descriptor of a method of our services, or None for other methods."""
    service, _, method = details.method.removeprefix("/").rpartition("/")
    package, _, name = service.rpartition(".")
    if package != DESCRIPTOR.package or name not in DESCRIPTOR.services_by_name:
        return None
    return DESCRIPTOR.services_by_name[name].methods_by_name.get(method)


def _statuses_of(behaviour: Any) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answer(request: Any, context: Any) -> Any:
        try:
            return await behaviour(_checked(request), context)
        except Exception as error:
            await _end(context, error)

    return answer


def _statuses_of_stream(behaviour: Any) -> Callable[[Any, Any], AsyncGenerator[Any]]:
    async def stream(request: Any, context: Any) -> AsyncGenerator[Any]:
        try:
            async with aclosing(behaviour(_checked(request), context)) as responses:
                async for response in responses:
                    yield response
        except Exception as error:
            await _end(context, error)

    return stream


def _checked(request: Any) -> Any:
    if isinstance(request, InvalidRequestError):
        raise request
    return request


async def _end(context: Any, error: Exception) -> None:
    """End a call with the status of an exception."""
    if isinstance(error, AbortError):
        raise error
    if not isinstance(error, ServiceError):
        _log.error("a call failed", traceback=traceback_of(error))
        error = EngineError("the service failed; see its log")
    await abort(context, error)
