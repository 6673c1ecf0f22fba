"""The translator: text in, events of a translation out."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Final, TypeVar

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.folder import Bundle
from jumok.decoding.options import Decoding
from jumok.decoding.start import start_search
from jumok.runtime.engine import Engine
from jumok.service.config import ServiceConfig
from jumok.service.draft import Draft
from jumok.service.errors import ModelNotFoundError, OverloadedError, ServiceError
from jumok.service.events import Aligned, EngineEvent, SourceRead, Translated, TranslationEvent
from jumok.service.job import Job
from jumok.service.model_description import ModelDescription
from jumok.service.outbox import Outbox
from jumok.service.request import AlignmentRequest, TranslationRequest, encoded
from jumok.service.scheduler import Scheduler

T = TypeVar("T")
Whole = tuple[SourceRead, Translated]
"""A translation that came at once."""

_SHOWN: Final = 80  # characters of a name that nobody has


class Translator:
    """Translates texts with one bundle; many at once, on one event loop."""

    def __init__(self, bundle: Bundle, engine: Engine, config: ServiceConfig) -> None:
        """Prepare to translate with an engine that was opened on the bundle.

        `start` must come first.
        """
        manifest = bundle.manifest
        self._source, self._target = bundle.source_tokenizer, bundle.target_tokenizer
        self._special, self._limits = manifest.special_ids, manifest.limits
        self._end = self._special.end
        # what reads a word comes a step too late for the last one, and hindsight is a step more
        # for every source token: a stream has neither, but for models that need the former
        self._rule: AlignmentRule = "reads" if manifest.alignment_rule == "reads" else "writes"
        self._messages_per_second = config.messages_per_second
        self._streams = 0
        self._max_batched, self._batched = config.max_batched, 0
        self._turns = asyncio.Semaphore(min(config.max_rows, config.max_queue))
        self._outboxes: dict[Job, Outbox] = {}
        self._scheduler = Scheduler(
            engine,
            self._deliver,
            max_source=manifest.limits.max_source_tokens + 1,
            max_rows=config.max_rows,
            max_queue=config.max_queue,
            max_encoded=config.max_encoded,
            join_steps=config.join_steps,
        )
        self.model = ModelDescription(
            name=manifest.name,
            fingerprint=bundle.fingerprint,
            source_language=manifest.source_language,
            target_language=manifest.target_language,
            max_text_characters=config.max_text_characters,
            max_source_tokens=manifest.limits.max_source_tokens,
            max_target_tokens=manifest.limits.max_target_tokens,
            execution_provider=engine.provider,
            runtime_version=engine.runtime_version,
            producer_version=manifest.producer_version,
            alignment_rule=manifest.alignment_rule,
            precision=engine.precision,
        )

    def start(self) -> None:
        """Start the engine's thread; events will arrive on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._scheduler.start()

    async def stop(self) -> None:
        """Finish what is running, then end the engine's thread."""
        await asyncio.to_thread(self._scheduler.stop)

    @property
    def works(self) -> bool:
        """Whether the engine works; where it does not, starting anew may help."""
        return self._scheduler.works

    def describe(self, model: str = "") -> ModelDescription:
        """Describe a model.

        Raises:
            ModelNotFoundError: none of that name is served.
        """
        if model not in ("", self.model.name):
            raise ModelNotFoundError(
                # a status has no room for a name of any length
                f"no model {model[:_SHOWN]!r} is served here; the one that is: {self.model.name}"
            )
        return self.model

    async def translate(
        self, request: TranslationRequest, streamed: bool = True
    ) -> AsyncGenerator[TranslationEvent]:
        """Translate; closing the iterator stops the work before the next step.

        Where it is not `streamed` on, tokens come all at once in the end.

        Raises:
            InvalidRequestError: a field of the request is wrong.
            ModelNotFoundError: no such model.
            OverloadedError: too many sentences wait.
            DeadlineError: the caller's time is over.
            EngineError: the engine failed on this sentence.
        """
        source = self._read("text", request.text, request.model)
        options = request.decoding
        decoding = options.resolve(self._limits, self._target, self.model.max_text_characters)
        job = Job(
            [*source.encoding.ids, self._end],
            start_search(decoding, self._special),
            revisions=options.provisional,
            deadline=request.deadline,
        )
        draft = Draft(source, self._target, self._rule, options.replace_unknown)
        with self._running(job, streamed) as outbox:
            yield source
            while not draft.finished:
                decided = draft.add(await outbox.take())
                if decided is not None:
                    yield decided
        seed = None if decoding.sampling is None else decoding.sampling.seed
        yield draft.translated(job.arrived, job.started, seed)

    async def align(self, request: AlignmentRequest) -> Aligned:
        """Score and align a translation that is given.

        Raises:
            InvalidRequestError: a field of the request is wrong.
            ModelNotFoundError: no such model.
            OverloadedError: too many sentences wait.
            DeadlineError: the caller's time is over.
            EngineError: the engine failed on this sentence.
        """
        source = self._read("source", request.source, request.model)
        target = encoded(
            self._target,
            "target",
            request.target,
            self._limits.max_target_tokens,
            self.model.max_text_characters,
        )
        rule = request.rule or self.model.alignment_rule
        decoding = Decoding(len(target.ids), prefix=(*target.ids, self._end))
        job = Job(
            [*source.encoding.ids, self._end],
            start_search(decoding, self._special),
            posterior=rule == "posterior",
            deadline=request.deadline,
        )
        draft = Draft(source, self._target, rule)
        with self._running(job, streamed=False) as outbox:
            while not draft.finished:
                draft.add(await outbox.take())
        return draft.aligned(target, job.posterior)

    async def translate_all(
        self,
        requests: Sequence[TranslationRequest],
        tell: Callable[[Whole | ServiceError], T],
    ) -> list[T]:
        """Translate many.

        They wait for each other and for those of other calls, so that they never fill the queue
        for everyone else.

        Args:
            requests: they.
            tell: makes of each translation, or of why there is none, what is wanted of it; called
                as soon as it is there, for all of them at the end would take long.

        Returns:
            What it made, in the order of the requests.

        Raises:
            OverloadedError: too many wait already.
        """
        if self._batched >= self._max_batched:
            raise OverloadedError(
                f"{self._batched} texts of batches already wait; try again in a second", 1.0
            )

        async def translate_one(request: TranslationRequest) -> T:
            try:
                async with (
                    self._turns,
                    aclosing(self.translate(request, streamed=False)) as events,
                ):
                    source, *_, translated = [event async for event in events]
            except ServiceError as error:
                return tell(error)
            assert isinstance(source, SourceRead)
            assert isinstance(translated, Translated)
            return tell((source, translated))

        self._batched += len(requests)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(translate_one(request)) for request in requests]
        finally:
            self._batched -= len(requests)
        return [task.result() for task in tasks]

    def _read(self, field: str, text: str, model: str) -> SourceRead:
        limits = self.describe(model)
        encoding = encoded(
            self._source, field, text, limits.max_source_tokens, limits.max_text_characters
        )
        return SourceRead(encoding, self._end, self._source.piece(self._end), text)

    @contextmanager
    def _running(self, job: Job, streamed: bool) -> Iterator[Outbox]:
        """Run a job until the context is left."""
        outbox = self._outboxes[job] = Outbox(self._pause if streamed else None)
        self._streams += streamed
        try:
            self._scheduler.submit(job)
            yield outbox
        finally:
            job.cancelled = True
            self._streams -= streamed
            del self._outboxes[job]

    def _pause(self) -> float:
        """Return how long a stream may make its reader wait for the next message, in seconds."""
        return self._streams / self._messages_per_second

    def _deliver(self, events: Sequence[tuple[Job, EngineEvent]]) -> None:
        # on the engine's thread: one hand-over a step, not one a token
        self._loop.call_soon_threadsafe(self._distribute, events)

    def _distribute(self, events: Sequence[tuple[Job, EngineEvent]]) -> None:
        now = time.monotonic()
        for job, event in events:
            if (outbox := self._outboxes.get(job)) is not None:
                outbox.put((now, event))
