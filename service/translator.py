"""The translator: text in, events of a translation out."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from bundle.errors import InvalidTextError
from bundle.folder import Bundle
from service.draft import Draft
from service.engine import Engine
from service.errors import InvalidRequestError, ModelNotFoundError
from service.events import EngineEvent, SourceRead, TokensDecided, TranslationEvent
from service.scheduler import Job, Scheduler


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    """What to translate and how.

    Attributes:
        text: in the source language.
        model: name of the model; "" is the one that is served.
        max_tokens: the most tokens to decide, the end not counted; None is the model's limit.
    """

    text: str
    model: str = ""
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What a caller may want to know of the model."""

    name: str
    fingerprint: str
    source_language: str
    target_language: str
    max_text_characters: int
    max_source_tokens: int
    max_target_tokens: int
    execution_provider: str
    runtime_version: str
    producer_version: str


class Translator:
    """Translates texts with one bundle; many at once, on one event loop."""

    def __init__(
        self,
        bundle: Bundle,
        engine: Engine,
        *,
        max_rows: int,
        max_queue: int,
        max_text_characters: int,
    ) -> None:
        """Prepare to translate; `start` must come first.

        Args:
            bundle: verified.
            engine: opened on the bundle.
            max_rows: sentences that are stepped together.
            max_queue: sentences that may wait.
            max_text_characters: longest text, in code points.
        """
        manifest = bundle.manifest
        self._source, self._target = bundle.source_tokenizer, bundle.target_tokenizer
        self._end = manifest.special_ids.end
        self._outboxes: dict[Job, _Outbox] = {}
        self._scheduler = Scheduler(
            engine,
            self._deliver,
            begin=manifest.special_ids.begin,
            end=self._end,
            max_source=manifest.limits.max_source_tokens + 1,
            max_rows=max_rows,
            max_queue=max_queue,
        )
        self.model = ModelDescription(
            name=manifest.name,
            fingerprint=bundle.fingerprint,
            source_language=manifest.source_language,
            target_language=manifest.target_language,
            max_text_characters=max_text_characters,
            max_source_tokens=manifest.limits.max_source_tokens,
            max_target_tokens=manifest.limits.max_target_tokens,
            execution_provider=engine.provider,
            runtime_version=engine.runtime_version,
            producer_version=manifest.producer_version,
        )

    def start(self) -> None:
        """Start the engine's thread; events will arrive on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._scheduler.start()

    async def stop(self) -> None:
        """Finish what is running, then end the engine's thread."""
        await asyncio.to_thread(self._scheduler.stop)

    def describe(self, model: str = "") -> ModelDescription:
        """Describe a model.

        Raises:
            ModelNotFoundError: none of that name is served.
        """
        if model not in ("", self.model.name):
            raise ModelNotFoundError(
                f"no model {model!r} is served here; the one that is: {self.model.name}"
            )
        return self.model

    async def translate(self, request: TranslationRequest) -> AsyncGenerator[TranslationEvent]:
        """Translate; closing the iterator stops the work before the next step.

        Raises:
            InvalidRequestError: a field of the request is wrong.
            ModelNotFoundError: no such model.
            OverloadedError: too many sentences wait.
            EngineError: the engine failed on this sentence.
        """
        source, max_tokens = self._check(request)
        job = Job([*source.encoding.ids, self._end], max_tokens)
        outbox = self._outboxes[job] = _Outbox()
        try:
            self._scheduler.submit(job)
            yield source
            draft = Draft(self._target, self._end)
            while not draft.finished:
                tokens = draft.add(await outbox.take())
                if tokens:
                    yield TokensDecided(tokens)
            yield draft.translated(source.encoding, job.arrived, job.started)
        finally:
            job.cancelled = True
            del self._outboxes[job]

    def _check(self, request: TranslationRequest) -> tuple[SourceRead, int]:
        limits = self.describe(request.model)
        if len(request.text) > limits.max_text_characters:
            raise InvalidRequestError(
                "text",
                f"the text has {len(request.text)} characters where "
                f"{limits.max_text_characters} are allowed; send it in parts",
            )
        if (place := request.text.find("\0")) >= 0:
            raise InvalidRequestError("text", f"the text holds a NUL at character {place}")
        max_tokens = request.max_tokens
        if max_tokens is None:
            max_tokens = limits.max_target_tokens
        if not 1 <= max_tokens <= limits.max_target_tokens:
            raise InvalidRequestError(
                "decoding.max_tokens",
                f"max_tokens is {max_tokens}; it must be 1 to {limits.max_target_tokens}",
            )
        try:
            encoding = self._source.encode(request.text)
        except InvalidTextError as error:
            raise InvalidRequestError("text", str(error)) from error
        if not encoding.ids:
            raise InvalidRequestError("text", "the text is empty; send at least one character")
        if len(encoding.ids) > limits.max_source_tokens:
            raise InvalidRequestError(
                "text",
                f"the text has {len(encoding.ids)} tokens where {limits.max_source_tokens} are "
                "allowed; send it in parts",
            )
        return SourceRead(
            encoding, self._end, self._source.piece(self._end), len(request.text)
        ), max_tokens

    def _deliver(self, events: Sequence[tuple[Job, EngineEvent]]) -> None:
        # on the engine's thread: one hand-over a step, not one a token
        self._loop.call_soon_threadsafe(self._distribute, events)

    def _distribute(self, events: Sequence[tuple[Job, EngineEvent]]) -> None:
        for job, event in events:
            if (outbox := self._outboxes.get(job)) is not None:
                outbox.put(event)


class _Outbox:
    """Events for one reader; a reader that lags takes several at once.

    It is bounded by the most tokens that a translation may have.
    """

    def __init__(self) -> None:
        self._events: list[tuple[float, EngineEvent]] = []
        self._filled = asyncio.Event()

    def put(self, event: EngineEvent) -> None:
        self._events.append((time.monotonic(), event))
        self._filled.set()

    async def take(self) -> list[tuple[float, EngineEvent]]:
        await self._filled.wait()
        self._filled.clear()
        events, self._events = self._events, []
        return events
