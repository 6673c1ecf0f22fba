"""Interceptors that turn exceptions into statuses and abort calls that are not read."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any, Final, TypeAlias

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from grpc import HandlerCallDetails
from grpc.aio import AbortError, ServerInterceptor

from jumok.service.caller import caller_of
from jumok.service.errors import (
    EngineError,
    InvalidRequestError,
    ReaderStoppedError,
    ServiceError,
)
from jumok.service.log_lines import traceback_of
from jumok.service.malformed import explain
from jumok.service.memory import MemoryBudget, reserve
from jumok.service.request_size import RequestLimits
from jumok.service.serialized import Serialized
from jumok.service.statuses import abort
from jumok.v1.translation_pb2 import DESCRIPTOR

_log = structlog.get_logger()
_LOOKS: Final = 8
"""How often writes are looked at in the time that each of them has."""

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_Continuation: TypeAlias = "Callable[[HandlerCallDetails], Awaitable[_Handler | None]]"


class StatusInterceptor(ServerInterceptor):
    """Turns exceptions raised by the methods of our services into statuses.

    Each `ServiceError` has its own status. A request that cannot be parsed as the method's message
    gets INVALID_ARGUMENT, where gRPC would return INTERNAL. Any other exception is a bug: it is
    logged and becomes INTERNAL, where gRPC would return UNKNOWN with the text of the exception.
    """

    def __init__(self, limits: RequestLimits) -> None:
        """Refuse requests beyond `limits` before they are parsed."""
        self._limits = limits

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: HandlerCallDetails
    ) -> "_Handler | None":
        """Wrap a method of our services; leave others unchanged."""
        handler = await continuation(handler_call_details)
        method = _our_method(handler_call_details)
        if handler is None or method is None:
            return handler
        parse, request_type = handler.request_deserializer, method.input_type
        check = self._limits.check
        assert parse is not None

        def deserialize(content: bytes) -> Message | InvalidRequestError:
            try:
                check(content, request_type)
                message: Message = parse(content)
                return message
            except InvalidRequestError as error:
                return error
            except DecodeError:
                return InvalidRequestError(*explain(content, request_type))

        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _statuses_of_stream(handler.unary_stream), deserialize, _serialize
            )
        return grpc.unary_unary_rpc_method_handler(
            _statuses_of(handler.unary_unary), deserialize, _serialize
        )


class ReaderInterceptor(ServerInterceptor):
    """Ends calls of our services with ABORTED if the client does not read for too long.

    It must come first: it writes the responses itself, because only the duration of a write shows
    that the client is not reading, and it releases the memory of a call after the last write. On
    the wire a method with one response is a stream of one. The interceptors after it see async
    generators, and functions that return the one response.
    """

    def __init__(self, seconds: float, memory: MemoryBudget) -> None:
        """Allow `seconds` for each write; calls reserve memory of `memory`."""
        self._seconds, self._memory = seconds, memory
        self._writing: dict[asyncio.Timeout, float] = {}  # and when each write began
        self._aborting: set[asyncio.Timeout] = set()
        self._abort_seconds: float | None = None
        self._look: asyncio.TimerHandle | None = None

    def hurry(self, seconds: float) -> None:
        """Allow at most `seconds` from now on, also for the writes in progress."""
        self._seconds = self._abort_seconds = min(self._seconds, seconds)
        now = asyncio.get_running_loop().time()
        for patience in self._aborting:
            patience.reschedule(now + self._seconds)
        self._writing = dict.fromkeys(self._writing, now)
        if self._look is not None:
            self._look.cancel()
            self._end_late_writes()

    def _end_late_writes(self) -> None:
        """End the writes that take too long, several times in the time that they have.

        A timer for each write would cost more than most writes.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        for patience, began in self._writing.items():
            # once only: a timeout that has passed cannot be moved
            if patience.when() is None and now - began >= self._seconds:
                patience.reschedule(now)
        self._look = None
        if self._writing:
            self._look = loop.call_later(self._seconds / _LOOKS, self._end_late_writes)

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: HandlerCallDetails
    ) -> "_Handler | None":
        """Wrap a method of our services; leave others unchanged."""
        handler = await continuation(handler_call_details)
        if handler is None or _our_method(handler_call_details) is None:
            return handler
        behaviour: Any = handler.unary_stream or _stream_of_one(handler.unary_unary)

        async def write(request: Any, context: Any) -> None:
            loop = asyncio.get_running_loop()
            with self._memory.call(caller_of(context)):
                try:
                    async with (
                        asyncio.timeout(None) as patience,
                        aclosing(behaviour(request, context)) as responses,
                    ):
                        async for response in responses:
                            self._writing[patience] = loop.time()
                            if self._look is None:
                                self._end_late_writes()
                            try:
                                await context.write(response)
                            finally:
                                del self._writing[patience]
                except TimeoutError:  # the row has been released
                    # A client that has stopped reading may not read the status either. gRPC then
                    # keeps the response until the connection ends, so its memory stays reserved.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._abort_seconds) as patience:
                            self._aborting.add(patience)
                            try:
                                await abort(context, ReaderStoppedError(self._seconds))
                            finally:
                                self._aborting.discard(patience)

        return grpc.unary_stream_rpc_method_handler(
            write,
            handler.request_deserializer,
            handler.response_serializer,
        )


def _stream_of_one(behaviour: Any) -> Callable[[Any, Any], AsyncGenerator[Any]]:
    async def stream(request: Any, context: Any) -> AsyncGenerator[Any]:
        yield await behaviour(request, context)

    return stream


def _serialize(response: Message | Serialized) -> bytes:
    return response.SerializeToString()


def _our_method(details: HandlerCallDetails) -> Any:
    """Return the descriptor of a method of our services, or None for other methods."""
    service, _, method = details.method.removeprefix("/").rpartition("/")
    package, _, name = service.rpartition(".")
    if package != DESCRIPTOR.package or name not in DESCRIPTOR.services_by_name:
        return None
    return DESCRIPTOR.services_by_name[name].methods_by_name.get(method)


def _statuses_of(behaviour: Any) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answer(request: Any, context: Any) -> Any:
        await asyncio.sleep(0)  # parsing a large batch is a piece of work of its own
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
    """Return a request that could be parsed, and reserve its memory until the call ends."""
    if isinstance(request, InvalidRequestError):
        raise request
    reserve(request.ByteSize())
    return request


async def _end(context: Any, error: Exception) -> None:
    """End a call with the status of an exception."""
    if isinstance(error, AbortError):
        raise error
    if not isinstance(error, ServiceError):
        _log.error("a call failed", traceback=traceback_of(error))
        error = EngineError("the service failed; see its log")
    await abort(context, error)
