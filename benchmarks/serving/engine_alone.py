"""P4: this engine and its scheduler, without text and without gRPC."""

from collections.abc import Sequence

from benchmarks.serving.arrivals import ClosedLoop
from benchmarks.serving.workload import Sentence
from jumok.bundle.manifest import SpecialIds
from jumok.decoding.options import Decoding
from jumok.decoding.start import start_search
from jumok.runtime.engine import Engine
from jumok.service.config import ServiceConfig
from jumok.service.events import EngineEvent, Failed, Finished
from jumok.service.job import Job
from jumok.service.scheduler import Scheduler


class EngineAlone:
    """Serves clients that each wait for their answer before they ask again."""

    def __init__(
        self,
        engine: Engine,
        clients: int,
        config: ServiceConfig,
        special: SpecialIds,
        longest: int,
        beam: int = 1,
    ) -> None:
        """Start the engine's thread; `longest` is the longest source, the end counted."""
        self._clients, self._special, self._beam = clients, special, beam
        self._loop: ClosedLoop | None = None
        self._scheduler = Scheduler(
            engine,
            self._deliver,
            max_source=longest,
            max_rows=config.max_rows,
            max_queue=config.max_queue,
            max_encoded=config.max_encoded,
            join_steps=config.join_steps,
        )
        self._scheduler.start()

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all."""
        self._loop = ClosedLoop(sentences, self._clients)
        self._loop.run(self._submit)

    def stop(self) -> None:
        """End the engine's thread."""
        self._scheduler.stop()

    def _submit(self, sentence: Sentence) -> None:
        decoding = Decoding(sentence.length, sentence.length, beam=self._beam)
        self._scheduler.submit(Job(sentence.source, start_search(decoding, self._special)))

    def _deliver(self, events: Sequence[tuple[Job, EngineEvent]]) -> None:
        assert self._loop is not None
        for _, event in events:
            assert not isinstance(event, Failed), event
            if isinstance(event, Finished):
                self._loop.answered(self._submit)
