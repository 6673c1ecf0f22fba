"""The client for asyncio; `jumok.client.sync_client` is the one for threads."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from jumok.client import requests, responses
from jumok.client.address import channel_options, server_target
from jumok.client.aligned import Aligned
from jumok.client.decoding import DecodingOptions
from jumok.client.errors import Cancelled, ClientError, ModelNotFound, ServerError
from jumok.client.events import Event, Model, Result, ServingStatus
from jumok.client.requests import AlignmentRule, Attention
from jumok.client.statuses import client_error
from jumok.client.text_batch import Batch, Outcome
from jumok.client.translation import Translation
from jumok.v1 import translation_pb2, translation_pb2_grpc

T = TypeVar("T")


class AsyncClient:
    """One channel to a server, for any number of calls at the same time, on one event loop.

    Make it where that loop runs. It connects at the first call. Close it, or use it in an
    `async with` statement.
    """

    def __init__(
        self,
        address: str,
        *,
        timeout: float | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Open a channel; see `jumok.client.sync_client.Client` for the arguments."""
        self._address = target = server_target(address)
        options = channel_options(target)
        self._timeout = timeout
        self._channel = (
            grpc.aio.secure_channel(target, credentials, options=options)
            if credentials
            else grpc.aio.insecure_channel(target, options=options)
        )
        self._translation = translation_pb2_grpc.TranslationServiceStub(self._channel)
        self._health: Any = health_pb2_grpc.HealthStub(self._channel)  # its stubs name no methods

    def translate(
        self,
        text: str,
        *,
        model: str = "",
        decoding: DecodingOptions | None = None,
        attention: Attention = "dense",
    ) -> AsyncGenerator[Event, None]:
        """Translate `text`, yielding each event as it arrives: a Source, Tokens…, a Result.

        As `Client.translate`, for `async for`. To cancel the call at a known moment, close the
        iterator with `contextlib.aclosing` or `aclose()`; cancelling the task does it too.
        """
        request = requests.translate_request(
            text, model=model, decoding=decoding, attention=attention
        )
        return self._events(request)

    async def translate_text(
        self,
        text: str,
        *,
        model: str = "",
        decoding: DecodingOptions | None = None,
        attention: Attention = "dense",
    ) -> Translation:
        """Translate `text` and wait for all of it; see `translate`."""
        events = self.translate(text, model=model, decoding=decoding, attention=attention)
        return Translation.from_events(text, [event async for event in events])

    async def translate_batch(
        self,
        texts: Iterable[str],
        *,
        model: str = "",
        decoding: DecodingOptions | None = None,
        attention: Attention = "best",
    ) -> list[Outcome]:
        """Translate each of `texts`, as `Client.translate_batch` does."""
        batch = Batch(texts, self._address, model=model, decoding=decoding, attention=attention)
        for part in batch:
            try:
                part.answered(await self._call(self._translation.TranslateBatch, part.request))
            except ClientError as error:
                part.failed(error)
        return batch.outcomes

    async def align(
        self,
        source: str,
        target: str,
        *,
        model: str = "",
        rule: AlignmentRule | None = None,
        attention: Attention = "dense",
    ) -> Aligned:
        """Align a pair of texts and score it; see `Client.align`."""
        request = requests.align_request(
            source, target, model=model, rule=rule, attention=attention
        )
        response = await self._call(self._translation.Align, request)
        return responses.aligned(source, target, response)

    async def get_model(self, name: str = "") -> Model:
        """Describe a model, by default the default model of the server."""
        request = requests.get_model_request(name)
        return responses.model(await self._call(self._translation.GetModel, request))

    async def health(self, service: str = "") -> ServingStatus:
        """Check the health of the server, or of one of its services."""
        request = health_pb2.HealthCheckRequest(service=service)
        try:
            with self._converted():
                response = await self._health.Check(request, timeout=self._timeout)
        except ModelNotFound:  # what gRPC calls not found here is the service
            return ServingStatus.SERVICE_UNKNOWN
        return responses.serving_status(response)

    async def close(self) -> None:
        """Close the channel; calls in progress are cancelled."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        await self.close()

    async def _call(self, method: Callable[..., Awaitable[T]], request: Message) -> T:
        """Make a unary call."""
        with self._converted():
            return await method(request, timeout=self._timeout)

    @contextmanager
    def _converted(self) -> Iterator[None]:
        """Convert the errors of a call."""
        try:
            yield
        except grpc.aio.AioRpcError as error:
            raise client_error(error, self._address) from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # not the task was cancelled but the call, by closing the client
            raise Cancelled(
                f"the client was closed before the call to {self._address} ended"
            ) from None

    async def _events(
        self, request: translation_pb2.TranslateRequest
    ) -> AsyncGenerator[Event, None]:
        call = self._translation.Translate(request, timeout=self._timeout)
        complete = False
        try:
            with self._converted():
                async for response in call:
                    event = responses.event(response)
                    complete = isinstance(event, Result)
                    yield event
        finally:
            call.cancel()  # does nothing when the call has ended
        if not complete:
            raise ServerError(f"{self._address} ended the translation too early: try again")
