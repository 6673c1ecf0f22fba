"""The client for threads; `jumok.client.async_client` is the one for asyncio."""

from collections.abc import Callable, Generator, Iterable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from jumok.client import requests, responses
from jumok.client.address import channel_options, server_target
from jumok.client.aligned import Aligned
from jumok.client.credentials import key_metadata
from jumok.client.decoding import DecodingOptions
from jumok.client.errors import ClientError, ServerError
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


class Client:
    """A channel to a server, for any number of calls from any number of threads.

    It connects at the first call. Close it, or use it in a `with` statement.
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
        """Open a channel.

        Args:
            address: host and port, such as "localhost:50051", or another gRPC target; without a
                port, that of port 50051. Proxies of the environment are not used for this very
                machine.
            timeout: seconds that a call may take; None for no limit.
            credentials: for TLS, such as `tls_credentials()`; None for plain text.
            server_name: the name that the server's certificate must have; empty for the host of
                the address.
            key: API key, sent with every call that needs one.
            plaintext_key: whether the key may be sent to another machine without TLS.

        Raises:
            InvalidRequest: the address is wrong, or the key cannot or must not be sent.
        """
        self._address = target = server_target(address)
        options = channel_options(target, server_name)
        self._metadata = key_metadata(
            key, target, encrypted=credentials is not None, plaintext_key=plaintext_key
        )
        self._timeout = timeout
        self._channel = (
            grpc.secure_channel(target, credentials, options=options)
            if credentials
            else grpc.insecure_channel(target, options=options)
        )
        self._translation = translation_pb2_grpc.TranslationServiceStub(self._channel)
        self._health: Any = health_pb2_grpc.HealthStub(self._channel)  # its stubs name no methods

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
    ) -> Generator[Event, None, None]:
        """Translate `text`, yielding each event as it arrives: a Source, Tokens…, a Result.

        The call starts with the first event asked for. Closing the iterator (`close()`, or leaving
        it to be collected) cancels the call.

        Args:
            text: what to translate.
            model: name of the model; empty to choose by language, or for the default.
            source_language: BCP 47 tag, such as "ko", to choose a model by; empty for any.
            target_language: as `source_language`.
            decoding: how to search; None for greedy search up to the model's limit.
            attention: what to return with each token: the whole row, its best position, or nothing.
            segmentation: "sentences" translates sentence by sentence and keeps the layout between
                them; "none" translates the text as a single sentence.
            text_format: how the text is marked up: "plain", "html", "xml" or "markdown"; the
                translation has the same markup.
            glossary: terms whose translation is prescribed, each with its translation.
            glossary_name: name of a glossary that the server holds, for further terms.
            protected: ranges of the text, in code points, that are copied unchanged, besides URLs,
                placeholders and the like, which always are.

        Raises:
            ClientError: InvalidRequest at once for what cannot be sent; while iterating, any.
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

    def translate_text(
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
        return Translation.from_events(text, events)

    def translate_batch(
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
        """Translate each of `texts`, in as many requests as they need, one after another.

        Args:
            texts: what to translate.
            model: as in `translate`.
            source_language: as in `translate`.
            target_language: as in `translate`.
            decoding: as in `translate`, but for `provisional`, which is for streams.
            attention: as in `translate`; rows of attention make a response several times as large.
            segmentation: as in `translate`.
            text_format: as in `translate`.
            glossary: as in `translate`.
            glossary_name: as in `translate`.

        Returns:
            For each text, in order, its translation or the ClientError that it would have raised;
            a request that fails as a whole fails for each of its texts.

        Raises:
            InvalidRequest: At once, for options that cannot be sent.
        """
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
                part.answered(self._call(self._translation.TranslateBatch, part.request))
            except ClientError as error:
                part.failed(error)
        return batch.outcomes

    def align(
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
        """Align `target`, a translation of `source`, and score it.

        Args:
            source: the text.
            target: its translation.
            model: as in `translate`.
            source_language: as in `translate`.
            target_language: as in `translate`.
            rule: how to derive links from attention; None for `Model.alignment_rule`.
            attention: what to return with each token: the whole row, its best position, or nothing.

        Raises:
            ClientError: The pair cannot be aligned.
        """
        choice = ModelChoice(model, source_language, target_language)
        request = requests.align_request(
            source, target, choice=choice, rule=rule, attention=attention
        )
        response = self._call(self._translation.Align, request)
        return responses.aligned(source, target, response)

    def explain(
        self,
        text: str,
        target: str = "",
        *,
        token_index: int = 0,
        model: str = "",
        source_language: str = "",
        target_language: str = "",
    ) -> Explained:
        """Explain how one token of a translation was chosen, with the numbers of each stage.

        Args:
            text: the text, one sentence.
            target: its translation; empty for that of greedy search.
            token_index: index of the token in the translation, whose last token is the end of the
                sentence.
            model: as in `translate`.
            source_language: as in `translate`.
            target_language: as in `translate`.

        Raises:
            ClientError: The token cannot be explained.
        """
        choice = ModelChoice(model, source_language, target_language)
        request = requests.explain_request(text, target, choice=choice, token_index=token_index)
        response = self._call(self._translation.Explain, request)
        return responses.explained(text, response)

    def get_model(
        self, name: str = "", *, source_language: str = "", target_language: str = ""
    ) -> Model:
        """Describe a model, by default the default model of the server."""
        choice = ModelChoice(name, source_language, target_language)
        request = requests.get_model_request(choice)
        response = self._call(self._translation.GetModel, request)
        return responses.model(response.model)

    def list_models(self) -> list[Model]:
        """Describe all models of the server, the default one first."""
        request = translation_pb2.ListModelsRequest()
        response = self._call(self._translation.ListModels, request)
        return [responses.model(sent) for sent in response.models]

    def health(self, service: str = "") -> ServingStatus:
        """Check the health of the server, or of one of its services."""
        request = health_pb2.HealthCheckRequest(service=service)
        try:
            response = self._health.Check(request, timeout=self._timeout)
        except grpc.RpcError as error:
            if isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.NOT_FOUND:
                return ServingStatus.SERVICE_UNKNOWN
            raise client_error(error, self._address) from error
        return responses.serving_status(response)

    def close(self) -> None:
        """Close the channel; calls in progress are cancelled."""
        self._channel.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    def _call(self, method: Callable[..., T], request: Message) -> T:
        """Make a unary call."""
        try:
            return method(request, timeout=self._timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise client_error(error, self._address) from error

    def _events(self, request: translation_pb2.TranslateRequest) -> Generator[Event, None, None]:
        call = self._translation.Translate(request, timeout=self._timeout, metadata=self._metadata)
        complete = False
        try:
            for response in call:
                event = responses.event(response)
                complete = isinstance(event, Result)
                yield event
        except grpc.RpcError as error:
            raise client_error(error, self._address) from error
        finally:
            call.cancel()  # does nothing when the call has ended
        if not complete:
            raise ServerError(f"{self._address} ended the translation too early: try again")
