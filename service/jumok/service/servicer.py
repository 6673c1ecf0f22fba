"""The servicer: protobuf to plain data and back."""

import asyncio
import time
from contextlib import aclosing, suppress
from functools import partial
from typing import Any

from jumok.service.errors import InvalidRequestError, ReaderStoppedError, ServiceError
from jumok.service.messages import Messages
from jumok.service.parsing import alignment_request, translation_request
from jumok.service.statuses import abort, failure
from jumok.service.translator import Translator, Whole
from jumok.v1 import translation_pb2 as pb
from jumok.v1 import translation_pb2_grpc

_MOST_TEXTS = 1000


class TranslationServicer(translation_pb2_grpc.TranslationServiceServicer):
    """`jumok.v1.TranslationService`."""

    def __init__(self, translator: Translator, reader_seconds: float) -> None:
        """Serve `translator`; a reader that takes nothing for `reader_seconds` is cut off."""
        self._translator, self._reader_seconds = translator, reader_seconds

    async def Translate(  # type: ignore[override]  # noqa: N802 - it writes instead of yielding
        self, request: pb.TranslateRequest, context: Any
    ) -> None:
        """Translate one text and stream what is decided."""
        try:
            messages = Messages(self._translator.model, request.attention)
            wanted = translation_request(
                request.text, request.model, request.decoding, _deadline(context)
            )
            now = asyncio.get_running_loop().time
            # closing the events, when the call is cancelled, is what frees the engine's row
            async with (
                asyncio.timeout(None) as patience,
                aclosing(self._translator.translate(wanted)) as events,
            ):
                async for event in events:
                    patience.reschedule(now() + self._reader_seconds)
                    await context.write(messages.response(event))
                    patience.reschedule(None)
        except TimeoutError:
            # the row is free by now; a reader that reads nothing does not read this, either
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await abort(context, ReaderStoppedError(self._reader_seconds))
        except ServiceError as error:
            await abort(context, error)

    async def TranslateBatch(  # noqa: N802
        self, request: pb.TranslateBatchRequest, context: Any
    ) -> pb.TranslateBatchResponse:
        """Translate many texts."""
        try:
            if not 1 <= len(request.texts) <= _MOST_TEXTS:
                raise InvalidRequestError(
                    "texts", f"there are {len(request.texts)} texts; send 1 to {_MOST_TEXTS}"
                )
            if request.decoding.beam_search.provisional:
                raise InvalidRequestError(
                    "decoding.beam_search.provisional",
                    "provisional tokens are for streams; use Translate",
                )
            self._translator.describe(request.model)
            messages = Messages(self._translator.model, request.attention)
            deadline = _deadline(context)
            items = await self._translator.translate_all(
                [
                    translation_request(text, request.model, request.decoding, deadline)
                    for text in request.texts
                ],
                partial(_item, messages),
            )
        except ServiceError as error:
            await abort(context, error)
        return pb.TranslateBatchResponse(items=items)

    async def Align(  # noqa: N802
        self, request: pb.AlignRequest, context: Any
    ) -> pb.AlignResponse:
        """Score and align a translation that is given."""
        try:
            messages = Messages(self._translator.model, request.attention)
            aligned = await self._translator.align(alignment_request(request, _deadline(context)))
        except ServiceError as error:
            await abort(context, error)
        return messages.aligned(aligned)

    async def GetModel(  # noqa: N802
        self, request: pb.GetModelRequest, context: Any
    ) -> pb.GetModelResponse:
        """Describe a model."""
        try:
            model = self._translator.describe(request.model)
        except ServiceError as error:
            await abort(context, error)
        return pb.GetModelResponse(model=Messages(model, pb.ATTENTION_NONE).model())


def _item(messages: Messages, found: Whole | ServiceError) -> pb.BatchItem:
    if isinstance(found, ServiceError):
        return pb.BatchItem(failure=failure(found))
    return pb.BatchItem(translation=messages.translation(*found))


def _deadline(context: Any) -> float:
    """Return when the caller waits no longer, in seconds of `time.monotonic`."""
    remaining: float | None = context.time_remaining()
    return float("inf") if remaining is None else time.monotonic() + remaining
