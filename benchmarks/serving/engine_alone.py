"""P4: this engine with its scheduler, without text processing or gRPC."""

from collections.abc import Sequence

from benchmarks.serving.arrivals import ClosedLoop
from benchmarks.serving.workload import Sentence
from jumok.bundle.folder import Bundle
from jumok.decoding.driver import start_search
from jumok.decoding.options import Decoding
from jumok.runtime.engine import Engine
from jumok.service.config import ServiceConfig
from jumok.service.errors import ServiceError
from jumok.service.job import Job, Update
from jumok.service.model import ServedModel
from jumok.service.scheduler import Scheduler


class EngineAlone:
    """Serves concurrent clients (closed loop)."""

    def __init__(
        self,
        bundle: Bundle,
        engine: Engine,
        clients: int,
        config: ServiceConfig,
        beam: int = 1,
    ) -> None:
        """Start the engine's thread."""
        self._model = ServedModel.of(bundle, engine, config.max_text_characters)
        self._clients, self._beam = clients, beam
        self._loop: ClosedLoop | None = None
        self._scheduler = Scheduler(
            self._deliver,
            max_rows=config.max_rows,
            max_queue=config.max_queue,
            max_encoded=config.max_encoded,
            join_steps=config.join_steps,
        )
        self._scheduler.start()

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all sentences."""
        self._loop = ClosedLoop(sentences, self._clients)
        self._loop.run(self._submit)

    def stop(self) -> None:
        """Stop the engine's thread."""
        self._scheduler.stop()

    def _submit(self, sentence: Sentence) -> None:
        decoding = Decoding(sentence.length, sentence.length, beam=self._beam)
        search = start_search(decoding, self._model.special)
        self._scheduler.submit(Job(self._model, sentence.source, search))

    def _deliver(self, updates: Sequence[Update]) -> None:
        assert self._loop is not None
        for update in updates:
            assert not isinstance(update.outcome, ServiceError), update.outcome
            if update.outcome is not None:
                self._loop.answered(self._submit)
