"""Interceptor that records every call: names it, times it, and tells observers how it ended."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeAlias

import grpc
from grpc import HandlerCallDetails
from grpc.aio import AbortError, ServerInterceptor
from grpc_health.v1 import health_pb2

from jumok.service.call_record import REQUEST_ID, CallObserver, CallRecord, current
from jumok.service.caller import caller_of
from jumok.service.reflection import REFLECTION_METHODS
from jumok.v1 import translation_pb2

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")
_STATUSES: Final = {code.value[0]: code.name for code in grpc.StatusCode}
_DEADLINE_SLACK = 0.05  # seconds; a client's cancellation at its deadline may arrive before ours
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_Continuation: TypeAlias = "Callable[[HandlerCallDetails], Awaitable[_Handler | None]]"
_MAKERS: Any = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def _methods(file: Any) -> Iterable[str]:
    for service in file.services_by_name.values():
        for method in service.methods:
            yield f"/{service.full_name}/{method.name}"


_METHODS: Final = frozenset(
    (*_methods(translation_pb2.DESCRIPTOR), *_methods(health_pb2.DESCRIPTOR), *REFLECTION_METHODS)
)
"""The methods that exist; the name of any other is a text of the caller."""


class CallInterceptor(ServerInterceptor):
    """Gives each call a `CallRecord`, and returns its request id as trailing metadata.

    It must come first, to see how calls end.
    """

    def __init__(self, observers: Sequence[CallObserver]) -> None:
        """Tell `observers` of the calls."""
        self._observers = observers

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: HandlerCallDetails
    ) -> "_Handler | None":
        """Wrap any method; record calls of methods that do not exist as UNIMPLEMENTED."""
        metadata = _text_metadata(handler_call_details)
        method = handler_call_details.method
        record = CallRecord(
            method if method in _METHODS else "", _request_id(metadata), observers=self._observers
        )
        current.set(record)  # each call has its own task, and so its own context
        handler = await continuation(handler_call_details)
        if handler is None:
            record.end("UNIMPLEMENTED")
            return None
        parse = handler.request_deserializer
        behaviour: Any = (
            handler.unary_unary
            or handler.unary_stream
            or handler.stream_unary
            or handler.stream_stream
        )

        def deserialize(content: bytes) -> Any:
            try:
                return parse(content) if parse is not None else content
            except Exception:  # gRPC ends the call
                record.end("INTERNAL")
                raise

        async def call(request: Any, context: Any) -> Any:
            record.caller = caller_of(context).name
            context.set_trailing_metadata(record.trailing_metadata)
            for observer in self._observers:
                observer.call_started(record, metadata)
            status = "UNKNOWN"
            try:
                response = await _respond(behaviour(request, context), context)
                status = _status(context)
                return response
            except AbortError:
                status = _status(context)
                raise
            except asyncio.CancelledError:
                remaining = context.time_remaining()
                late = remaining is not None and remaining < _DEADLINE_SLACK
                status = "DEADLINE_EXCEEDED" if late else "CANCELLED"
                raise
            finally:
                record.caller = caller_of(context).name  # its key may have been checked since
                record.end(status)

        make = _MAKERS[handler.request_streaming, handler.response_streaming]
        wrapped: _Handler = make(
            call,
            handler.request_deserializer if handler.request_streaming else deserialize,
            handler.response_serializer,
        )
        return wrapped


def _status(context: Any) -> str:
    code = context.code()  # a StatusCode once one is set, otherwise a number
    return code.name if isinstance(code, grpc.StatusCode) else _STATUSES[code or 0]


async def _respond(result: Any, context: Any) -> Any:
    """Write the responses of a generator; otherwise return the one response."""
    if not hasattr(result, "__aiter__"):
        return await result
    async with aclosing(result) as responses:
        async for response in responses:
            await context.write(response)
    return None


def _text_metadata(details: HandlerCallDetails) -> Mapping[str, str]:
    """Return the caller's metadata that is text; of repeated keys the first."""
    found: dict[str, str] = {}
    for key, value in details.invocation_metadata or ():
        if isinstance(value, str):
            found.setdefault(key, value)
    return found


def _request_id(metadata: Mapping[str, str]) -> str:
    """Return the caller's request id if it is short and has no spaces or quotes, or a new one."""
    sent = metadata.get(REQUEST_ID, "")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
