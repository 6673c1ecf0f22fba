"""The servicer: the methods of `jumok.v1.TranslationService`.

It raises `ServiceError`; `StatusInterceptor` turns these into statuses.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from jumok.service.batch_admission import BatchAdmission
from jumok.service.caller import caller_of
from jumok.service.errors import InvalidRequestError, ServiceError
from jumok.service.registry import ModelRegistry
from jumok.service.statuses import failure
from jumok.service.translator import TranslationResult, Translator, encode_text, read_text
from jumok.service.wire import Responses, alignment_rule, model_message, translation_options
from jumok.v1 import translation_pb2 as pb
from jumok.v1 import translation_pb2_grpc

_MOST_TEXTS: Final = 1000


class TranslationServicer(translation_pb2_grpc.TranslationServiceServicer):
    """Implements the RPCs with a translator and the models of a registry."""

    def __init__(
        self, models: ModelRegistry, translator: Translator, batches: BatchAdmission
    ) -> None:
        """Serve `models` with `translator`; `batches` admits the texts of batches."""
        self._models, self._translator, self._batches = models, translator, batches

    async def Translate(  # noqa: N802
        self, request: pb.TranslateRequest, context: Any
    ) -> AsyncGenerator[pb.TranslateResponse]:
        """Translate one text and stream tokens as they are decided."""
        model = self._models.find(request.model)
        caller, deadline = caller_of(context), _deadline(context)
        self._translator.check(caller, deadline)
        responses = Responses(model, request.attention)
        events = self._translator.translate(
            model,
            read_text(model, "text", request.text),
            translation_options(request.decoding, model),
            deadline,
            caller,
        )
        # when the call is cancelled, closing the events releases the row in the engine
        async with aclosing(events):
            async for event in events:
                yield responses.event(event)

    async def TranslateBatch(  # noqa: N802
        self, request: pb.TranslateBatchRequest, context: Any
    ) -> pb.TranslateBatchResponse:
        """Translate many texts."""
        if not 1 <= len(request.texts) <= _MOST_TEXTS:
            raise InvalidRequestError(
                "texts", f"there are {len(request.texts)} texts; send 1 to {_MOST_TEXTS}"
            )
        if request.decoding.beam_search.provisional:
            raise InvalidRequestError(
                "decoding.beam_search.provisional",
                "provisional tokens are for streams; use Translate",
            )
        model = self._models.find(request.model)
        responses = Responses(model, request.attention)
        deadline, caller = _deadline(context), caller_of(context)

        async def translate(text: str) -> pb.BatchItem:
            try:
                source = read_text(model, "text", text)
                options = translation_options(request.decoding, model)
                events = self._translator.translate(
                    model, source, options, deadline, caller, streamed=False
                )
                async with aclosing(events):
                    *_, result = [event async for event in events]
            except ServiceError as error:
                return pb.BatchItem(failure=failure(error))
            assert isinstance(result, TranslationResult)
            # converted now, because converting all of them at the end would delay other calls
            return pb.BatchItem(translation=responses.translation(source, result))

        items = await self._batches.run(translate, request.texts, caller)
        return pb.TranslateBatchResponse(items=items)

    async def Align(  # noqa: N802
        self, request: pb.AlignRequest, context: Any
    ) -> pb.AlignResponse:
        """Score and align a given translation."""
        model = self._models.find(request.model)
        responses = Responses(model, request.attention)
        rule = alignment_rule(request, model)
        limits = model.description
        source = read_text(model, "source", request.source)
        target = encode_text(
            model.target_tokenizer,
            "target",
            request.target,
            limits.max_target_tokens,
            limits.max_text_characters,
        )
        return responses.aligned(
            await self._translator.align(
                model, source, target, rule, _deadline(context), caller_of(context)
            )
        )

    async def GetModel(  # noqa: N802
        self, request: pb.GetModelRequest, context: Any
    ) -> pb.GetModelResponse:
        """Describe a model."""
        model = self._models.find(request.model)
        return pb.GetModelResponse(model=model_message(model.description))


def _deadline(context: Any) -> float:
    """Return when the caller stops waiting, in seconds of `time.monotonic`."""
    remaining: float | None = context.time_remaining()
    return float("inf") if remaining is None else time.monotonic() + remaining
