"""The client for asyncio; `jumok.client.sync_client` is the one for threads."""

import asyncio
import copy
import functools
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
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
from jumok.client.credentials import key_metadata
from jumok.client.decoding import DecodingOptions
from jumok.client.errors import Cancelled, ClientError, ModelNotFound, ServerError
from jumok.client.events import Event, Model, Result, ServingStatus
from jumok.client.explained import Explained
from jumok.client.requests import (
    AlignmentRule,
    Attention,
    ModelChoice,
    Segmentation,
    TextFormat,
    TextOptions,
)
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
        server_name: str = "",
        key: str | None = None,
        plaintext_key: bool = False,
    ) -> None:
        """Open a channel; see `jumok.client.sync_client.Client` for the arguments."""
        self._address = target = server_target(address)
        options = channel_options(target, server_name)
        self._key_metadata = functools.partial(
            key_metadata,
            target=target,
            encrypted=credentials is not None,
            plaintext_key=plaintext_key,
        )
        self._metadata = self._key_metadata(key)
        self._timeout = timeout
        self._channel = (
            grpc.aio.secure_channel(target, credentials, options=options)
            if credentials
            else grpc.aio.insecure_channel(target, options=options)
        )
        self._translation = translation_pb2_grpc.TranslationServiceStub(self._channel)
        self._health: Any = health_pb2_grpc.HealthStub(self._channel)  # its stubs name no methods

    def calling(self, *, key: str = "", metadata: Iterable[tuple[str, str]] = ()) -> Self:
        """Return a client that uses the same channel, for calls on behalf of someone else.

        Args:
            key: API key to send instead of this client's; empty for this client's.
            metadata: what to send as well, such as `("x-request-id", "…")`.

        Raises:
            InvalidRequest: the key cannot or must not be sent.
        """
        client = copy.copy(self)
        client._metadata = (*(self._key_metadata(key) if key else self._metadata), *metadata)
        return client

    def translate(
        self,
        text: str,
        *,
        model: str = "",
        source_language: str = "",
        target_language: str = "",
        decoding: DecodingOptions | None = None,
        attention: Attention = "dense",
        segmentation: Segmentation = "sentences",
        text_format: TextFormat = "plain",
        glossary: Mapping[str, str] | None = None,
        glossary_name: str = "",
        protected: Iterable[tuple[int, int]] = (),
    ) -> AsyncGenerator[Event, None]:
        """Translate `text`, yielding each event as it arrives: a Source, Tokens…, a Result.

        As `Client.translate`, for `async for`. To cancel the call at a known moment, close the
        iterator with `contextlib.aclosing` or `aclose()`; cancelling the task does it too.
        """
        choice = ModelChoice(model, source_language, target_language)
        request = requests.translate_request(
            text,
            choice=choice,
            decoding=decoding,
            attention=attention,
            options=TextOptions(
                segmentation, text_format, glossary or {}, glossary_name, tuple(protected)
            ),
        )
        return self._events(request)

    async def translate_text(
        self,
        text: str,
        *,
        model: str = "",
        source_language: str = "",
        target_language: str = "",
        decoding: DecodingOptions | None = None,
        attention: Attention = "dense",
        segmentation: Segmentation = "sentences",
        text_format: TextFormat = "plain",
        glossary: Mapping[str, str] | None = None,
        glossary_name: str = "",
        protected: Iterable[tuple[int, int]] = (),
    ) -> Translation:
        """Translate `text` and wait for all of it; see `translate`."""
        events = self.translate(
            text,
            model=model,
            source_language=source_language,
            target_language=target_language,
            decoding=decoding,
            attention=attention,
            segmentation=segmentation,
            text_format=text_format,
            glossary=glossary,
            glossary_name=glossary_name,
            protected=protected,
        )
        return Translation.from_events(text, [event async for event in events])

    async def translate_batch(
        self,
        texts: Iterable[str],
        *,
        model: str = "",
        source_language: str = "",
        target_language: str = "",
        decoding: DecodingOptions | None = None,
        attention: Attention = "best",
        segmentation: Segmentation = "sentences",
        text_format: TextFormat = "plain",
        glossary: Mapping[str, str] | None = None,
        glossary_name: str = "",
    ) -> list[Outcome]:
        """Translate each of `texts`, as `Client.translate_batch` does."""
        choice = ModelChoice(model, source_language, target_language)
        batch = Batch(
            texts,
            self._address,
            choice=choice,
            decoding=decoding,
            attention=attention,
            options=TextOptions(segmentation, text_format, glossary or {}, glossary_name),
        )
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
        source_language: str = "",
        target_language: str = "",
        rule: AlignmentRule | None = None,
        attention: Attention = "dense",
    ) -> Aligned:
        """Align a pair of texts and score it; see `Client.align`."""
        choice = ModelChoice(model, source_language, target_language)
        request = requests.align_request(
            source, target, choice=choice, rule=rule, attention=attention
        )
        response = await self._call(self._translation.Align, request)
        return responses.aligned(source, target, response)

    async def explain(
        self,
        text: str,
        target: str = "",
        *,
        token_index: int = 0,
        model: str = "",
        source_language: str = "",
        target_language: str = "",
    ) -> Explained:
        """Explain how one token of a translation was chosen; see `Client.explain`."""
        choice = ModelChoice(model, source_language, target_language)
        request = requests.explain_request(text, target, choice=choice, token_index=token_index)
        response = await self._call(self._translation.Explain, request)
        return responses.explained(text, response)

    async def get_model(
        self, name: str = "", *, source_language: str = "", target_language: str = ""
    ) -> Model:
        """Describe a model, by default the default model of the server."""
        choice = ModelChoice(name, source_language, target_language)
        request = requests.get_model_request(choice)
        response = await self._call(self._translation.GetModel, request)
        return responses.model(response.model)

    async def list_models(self) -> list[Model]:
        """Describe all models of the server, the default one first."""
        request = translation_pb2.ListModelsRequest()
        response = await self._call(self._translation.ListModels, request)
        return [responses.model(sent) for sent in response.models]

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
            return await method(request, timeout=self._timeout, metadata=self._metadata)

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
        call = self._translation.Translate(request, timeout=self._timeout, metadata=self._metadata)
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
