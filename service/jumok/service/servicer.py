"""The servicer: the methods of `jumok.v1.TranslationService`.

It raises `ServiceError`; `StatusInterceptor` turns these into statuses.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

from jumok.service.batch_admission import BatchAdmission, BatchRoom
from jumok.service.caller import caller_of
from jumok.service.checked_text import CheckedText, TextOptions, check_text
from jumok.service.errors import InvalidRequestError, NotExplainableError, ServiceError
from jumok.service.glossaries import Glossaries
from jumok.service.memory import reserve
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.request_options import (
    alignment_rule,
    text_options,
    translation_options,
    with_new_seed,
)
from jumok.service.request_size import MOST_TEXTS
from jumok.service.response_size import (
    FAILURE_BYTES,
    LARGEST,
    TYPICAL,
    ResponseShape,
    TextLength,
    TotalLength,
    expected_length,
    explanation_bytes,
    largest_length,
)
from jumok.service.segmented import SegmentedEvent, translate_segments
from jumok.service.segmented_text import SegmentedText, tokenize
from jumok.service.serialized import Serialized
from jumok.service.statuses import failure
from jumok.service.translator import (
    TokensWritten,
    TranslationResult,
    Translator,
    check_token_index,
    encode_text,
    read_text,
)
from jumok.service.wire import Responses, batch_response, model_message
from jumok.text.glossary import Glossary
from jumok.v1 import translation_pb2 as pb
from jumok.v1 import translation_pb2_grpc

DEFAULT_RESPONSE_BYTES: Final = 4 * 2**20
"""The largest message that gRPC clients accept by default."""


class TranslationServicer(translation_pb2_grpc.TranslationServiceServicer):
    """Implements the RPCs with a translator and the models of a registry."""

    def __init__(
        self,
        models: ModelRegistry,
        translator: Translator,
        batches: BatchAdmission,
        max_response_bytes: int = DEFAULT_RESPONSE_BYTES,
        glossaries: Glossaries | None = None,
    ) -> None:
        """Serve `models` with `translator`; `batches` admits the texts of batches.

        Args:
            models: the models to serve.
            translator: runs them.
            batches: admits the texts of batches.
            max_response_bytes: maximum size of a response message.
            glossaries: those that requests can name.
        """
        self._models, self._translator, self._batches = models, translator, batches
        self._glossaries = glossaries
        self._pace, self._max_response_bytes = translator.pace, max_response_bytes

    async def Translate(  # type: ignore[override]  # noqa: N802
        self, request: pb.TranslateRequest, context: Any
    ) -> AsyncGenerator[pb.TranslateResponse | Serialized]:
        """Translate one text and stream tokens as they are decided."""
        model = self._find(request)
        caller, deadline = caller_of(context), _deadline(context)
        self._translator.check(caller, deadline)
        responses = Responses(model, request.attention, self._pace)
        await self._pace.turn()
        what = text_options(request, self._held())
        text = await check_text(model, "text", request.text, what, self._pace)
        await self._pace.turn()
        options = translation_options(request.decoding, model)
        decoding = options.decoding
        shape = ResponseShape(decoding.hypotheses, decoding.alternatives, responses.dense)
        largest = TotalLength()
        for segment in text.segments:
            largest.add(largest_length(segment.tokens, decoding))
        largest.text += text.copied
        # the tokens of the first hypothesis are sent one by one
        last = replace(shape, hypotheses=shape.hypotheses - 1)
        last.check(largest, LARGEST, self._max_response_bytes, field="text")
        reserve(shape.bytes(largest, LARGEST))
        source = await tokenize(model, text, self._pace)
        events = translate_segments(self._translator, model, source, options, deadline, caller)
        # when the call is cancelled, closing the events releases the row in the engine
        async with aclosing(events):
            async for event in events:
                caller.charge(_tokens_of(event))
                match event:
                    case TokensWritten():
                        yield responses.tokens(event)
                    case SegmentedText():
                        yield await responses.start(event)
                    case TranslationResult():
                        await self._pace.turn()
                        yield await responses.end(event)

    async def TranslateBatch(  # type: ignore[override]  # noqa: N802
        self, request: pb.TranslateBatchRequest, context: Any
    ) -> Serialized:
        """Translate many texts."""
        if not 1 <= len(request.texts) <= MOST_TEXTS:
            raise InvalidRequestError(
                "texts", f"there are {len(request.texts)} texts; send 1 to {MOST_TEXTS}"
            )
        if request.decoding.beam_search.provisional:
            raise InvalidRequestError(
                "decoding.beam_search.provisional",
                "provisional tokens are for streams; use Translate",
            )
        model = self._find(request)
        responses = Responses(model, request.attention, self._pace, pb.ATTENTION_BEST)
        await asyncio.sleep(0)  # parsing a thousand texts is a piece of work of its own
        options = translation_options(request.decoding, model)
        decoding = options.decoding
        what = text_options(request, self._held())
        shape = ResponseShape(decoding.hypotheses, decoding.alternatives, responses.dense)
        most = self._max_response_bytes
        texts: list[CheckedText | ServiceError] = []
        expected, largest = TotalLength(), TotalLength()
        for content in request.texts:
            texts.append(text := await self._check(model, content, what))
            if isinstance(text, CheckedText):
                for segment in text.segments:
                    expected.add(expected_length(segment.tokens, decoding))
                    largest.add(largest_length(segment.tokens, decoding))
                largest.text += text.copied
                expected.text += text.copied
            if FAILURE_BYTES * expected.count > most:
                break  # refused below, before more texts are divided
        shape.check(expected, TYPICAL, most)
        room = BatchRoom(min(most, shape.bytes(largest, LARGEST)), len(texts))
        reserve(room.size)
        deadline, caller = _deadline(context), caller_of(context)

        async def translate(place: int) -> bytes:
            await self._pace.turn()
            text = texts[place]
            if isinstance(text, ServiceError):
                return pb.BatchItem(failure=failure(text)).SerializeToString()
            try:
                room.check()
                source = await tokenize(model, text, self._pace)
                caller.charge(source.tokens)
                events = translate_segments(
                    self._translator,
                    model,
                    source,
                    with_new_seed(options, request.decoding),
                    deadline,
                    caller,
                    streamed=False,
                )
                async with aclosing(events):
                    *_, result = [event async for event in events]
                assert isinstance(result, TranslationResult)
                caller.charge(len(result.hypotheses[0].tokens))
                # serialized now, because serializing all of them at the end would delay other calls
                item = await responses.item(source, result)
                room.take(len(item))
                return item
            except ServiceError as error:
                return pb.BatchItem(failure=failure(error)).SerializeToString()

        return batch_response(await self._batches.run(translate, range(len(texts)), caller))

    async def Align(  # type: ignore[override]  # noqa: N802
        self, request: pb.AlignRequest, context: Any
    ) -> Serialized:
        """Score and align a given translation."""
        model = self._find(request)
        responses = Responses(model, request.attention, self._pace)
        rule = alignment_rule(request, model)
        limits = model.description
        await self._pace.turn()
        source = read_text(model, "source", request.source)
        await self._pace.turn()
        target = encode_text(
            model.target_tokenizer,
            "target",
            request.target,
            limits.max_target_tokens,
            limits.max_text_characters,
        )
        shape = ResponseShape(1, 0, responses.dense)
        length = TotalLength()
        length.add(TextLength(len(source.encoding.ids) + 1, len(target.ids) + 1))
        reserve(shape.check(length, LARGEST, self._max_response_bytes))
        caller = caller_of(context)
        pair = await self._translator.align(model, source, target, rule, _deadline(context), caller)
        caller.charge(len(source.encoding.ids) + 1 + len(pair.tokens))
        return await responses.aligned(pair)

    async def Explain(  # type: ignore[override]  # noqa: N802
        self, request: pb.ExplainRequest, context: Any
    ) -> Serialized:
        """Explain how a token of a translation was chosen."""
        model = self._find(request)
        caller, deadline = caller_of(context), _deadline(context)
        self._translator.check(caller, deadline)
        if model.engine.stages is None:
            raise NotExplainableError(model.description.name)
        limits = model.description
        await self._pace.turn()
        source = read_text(model, "text", request.text)
        await self._pace.turn()
        target, longest = None, limits.max_target_tokens
        if request.target:
            target = encode_text(
                model.target_tokenizer,
                "target",
                request.target,
                longest,
                limits.max_text_characters,
            )
            longest = len(target.ids)
        check_token_index(request.token_index, longest + 1)
        size = explanation_bytes(len(source.encoding.ids) + 1, longest + 1, model.engine.sizes)
        if size > self._max_response_bytes:
            raise InvalidRequestError(
                "text",
                f"the explanation could have {size / 2**20:.1f} MiB, but only "
                f"{self._max_response_bytes / 2**20:.1f} MiB are allowed; send a shorter text",
            )
        reserve(size)
        explained = await self._translator.explain(
            model, source, target, request.token_index, deadline, caller
        )
        caller.charge(len(source.encoding.ids) + 1 + len(explained.tokens))
        return await Responses(model, pb.ATTENTION_BEST, self._pace).explained(explained)

    async def GetModel(  # noqa: N802
        self, request: pb.GetModelRequest, context: Any
    ) -> pb.GetModelResponse:
        """Describe one model."""
        model = self._find(request)
        return pb.GetModelResponse(model=model_message(model.description))

    async def ListModels(  # noqa: N802
        self, request: pb.ListModelsRequest, context: Any
    ) -> pb.ListModelsResponse:
        """Describe all models."""
        models = self._models.models
        return pb.ListModelsResponse(models=[model_message(each.description) for each in models])

    def _held(self) -> Mapping[str, Glossary]:
        """Return the glossaries that requests can name."""
        return {} if self._glossaries is None else self._glossaries.held

    def _find(self, request: Any) -> ServedModel:
        """Return the model that a request chooses."""
        return self._models.find(request.model, request.source_language, request.target_language)

    async def _check(
        self, model: ServedModel, text: str, options: TextOptions
    ) -> CheckedText | ServiceError:
        """Check a text of a batch; return why it cannot be translated, if so."""
        await self._pace.turn()
        try:
            return await check_text(model, "text", text, options, self._pace)
        except ServiceError as error:
            return error.with_traceback(None)  # whose frames a thousand errors would keep alive


def _tokens_of(event: SegmentedEvent) -> int:
    """Return the number of tokens, of the source or of the translation, that an event adds."""
    match event:
        case SegmentedText():
            return event.tokens
        case TokensWritten():
            return event.stop - event.start
        case _:
            return 0


def _deadline(context: Any) -> float:
    """Return when the caller stops waiting, in seconds of `time.monotonic`."""
    remaining: float | None = context.time_remaining()
    return float("inf") if remaining is None else time.monotonic() + remaining
