"""The check that an engine works, before it serves."""

from typing import Final

from jumok.decoding.batch_search import BatchSentence, pad_sources
from jumok.decoding.driver import Driver, start_search
from jumok.decoding.options import Decoding
from jumok.service.errors import StartupError
from jumok.service.model import ServedModel

_STEPS: Final = 8
_BEAM: Final = 2


def check_engine(model: ServedModel) -> None:
    """Translate a test sentence, greedily and with a beam.

    Raises:
        StartupError: the engine fails, or returns what cannot be a translation.
    """
    special, vocabulary = model.special, model.source_tokenizer.vocabulary_size
    source = [*range(special.end + 1, min(special.end + 5, vocabulary)), special.end]
    try:
        for beam in (1, _BEAM):
            search = start_search(Decoding(_STEPS, beam=beam), special)
            source_ids, lengths = pad_sources([source])
            driver: Driver[BatchSentence] = Driver(
                model.engine,
                model.engine.rows(beam, source_ids.shape[1], 1),
                beam,
                model.target_tokenizer.vocabulary_size,
            )
            driver.admit(BatchSentence(source, search), model.engine.encode(source_ids, lengths), 0)
            while not search.done:
                driver.step()
    except Exception as error:  # ONNX Runtime has an exception class for each status
        reason = " ".join(str(error).split()) or type(error).__name__
        raise StartupError(
            f"the engine of the model {model.description.name} fails on a test sentence: {reason}"
        ) from error
