"""Draining: late calls are refused, and calls that would never end are ended."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import grpc
from grpc import HandlerCallDetails
from grpc.aio import ServerInterceptor

from jumok.service.errors import UnavailableError
from jumok.service.statuses import abort

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_Continuation: TypeAlias = "Callable[[HandlerCallDetails], Awaitable[_Handler | None]]"


class DrainInterceptor(ServerInterceptor):
    """Refuses late calls with UNAVAILABLE, and ends the open streams of other services.

    gRPC cancels the calls that arrive between the start of its shutdown and the moment when the
    client learns of it (https://github.com/grpc/grpc/issues/41785), and CANCELLED tells a client
    not to retry. Therefore late calls are held first, and refused once the clients have been told
    to connect elsewhere, so that a client that retries at once uses another connection.

    It must come before interceptors that replace handlers of other services.
    """

    def __init__(self, service: str) -> None:
        """Treat the streams of all services but `service` as endless."""
        self._prefix = f"/{service}/"
        self._draining = False
        self._told = asyncio.Event()
        self._latest = 0.0  # when the latest late call arrived
        self._streams: set[asyncio.Task[Any]] = set()

    def begin(self) -> None:
        """Hold new calls, and end the open streams of other services."""
        self._draining = True
        self._latest = asyncio.get_running_loop().time()
        for task in self._streams:
            task.cancel()

    async def quiet(self, pause: float, longest: float) -> None:
        """Wait until no call has arrived for `pause` seconds, but not longer than `longest`.

        gRPC cancels calls that it has queued and that have not arrived here.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + longest
        while (now := loop.time()) < min(self._latest + pause, end):  # noqa: ASYNC110 - calls move it
            await asyncio.sleep(min(self._latest + pause, end) - now)

    def refuse(self) -> None:
        """Refuse the calls that are held."""
        self._told.set()

    async def intercept_service(
        self, continuation: _Continuation, handler_call_details: HandlerCallDetails
    ) -> "_Handler | None":
        """Wrap the streams of other services; while draining, refuse calls of ours."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return None
        if handler_call_details.method.startswith(self._prefix):
            # what it would read and write no longer matters
            return grpc.stream_stream_rpc_method_handler(self._late) if self._draining else handler
        if not handler.response_streaming:
            return handler
        if handler.request_streaming:
            return grpc.stream_stream_rpc_method_handler(
                self._ending(handler.stream_stream),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.unary_stream_rpc_method_handler(
            self._ending(handler.unary_stream),
            handler.request_deserializer,
            handler.response_serializer,
        )

    async def _late(self, _: Any, context: Any) -> None:
        self._latest = asyncio.get_running_loop().time()
        await self._told.wait()
        await abort(context, UnavailableError("the server is draining; use another one"))

    def _ending(self, behaviour: Any) -> Callable[[Any, Any], Awaitable[None]]:
        """Wrap a streaming method so that draining ends it."""

        async def stream(request: Any, context: Any) -> None:
            if self._draining:  # clients that watch health try again at once
                await self._late(request, context)
            task = asyncio.current_task()
            assert task is not None
            self._streams.add(task)
            try:
                responses = behaviour(request, context)
                if inspect.isawaitable(responses):  # it writes by itself
                    await responses
                else:
                    async for response in responses:
                        await context.write(response)
            except asyncio.CancelledError:
                if not self._draining or context.cancelled():
                    raise
                task.uncancel()
                await abort(context, UnavailableError("the server is draining; use another one"))
            finally:
                self._streams.discard(task)

        return stream
