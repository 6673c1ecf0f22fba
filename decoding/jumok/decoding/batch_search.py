"""Search and forced decoding of a batch of sentences with any `StepModel`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.driver import Driver, StepView, start_search
from jumok.decoding.hypothesis import ScoredHypothesis
from jumok.decoding.options import Decoding
from jumok.decoding.search import Search
from jumok.decoding.step_model import StepModel

_ADDED_AT_ONCE: Final = 4


@dataclass(slots=True)
class BatchSentence:
    """A `jumok.decoding.driver.RunningSentence` of a batch."""

    source: Sequence[int]
    search: Search
    posterior: list[NDArray[np.float32]] | None = None
    view: StepView | None = None


@dataclass(frozen=True, slots=True)
class Forced:
    """A given translation, scored by forced decoding.

    Attributes:
        token_ids: tokens without the end.
        log_probs: float32 [target], of each token and of the end; in nats.
        attention: float32 [target, source], of the same tokens over the true source positions.
        posterior: posterior attention, shaped as `attention`; None if not requested.
    """

    token_ids: tuple[int, ...]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    posterior: NDArray[np.float32] | None = None


def search(
    model: StepModel, sources: Sequence[Sequence[int]], special: SpecialIds, decoding: Decoding
) -> list[list[ScoredHypothesis]]:
    """Translate a batch.

    Args:
        model: model to search with.
        sources: token ids of each sentence, including the end; at least one sentence.
        special: ids of begin and end.
        decoding: options for all sentences.

    Returns:
        The translations of each sentence, best first.
    """
    sentences = [BatchSentence(source, start_search(decoding, special)) for source in sources]
    _run(model, sentences)
    return [sentence.search.hypotheses() for sentence in sentences]


def force(
    model: StepModel,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    special: SpecialIds,
    posterior: bool = False,
) -> list[Forced]:
    """Score given translations of a batch, including their ends (forced decoding).

    Args:
        model: model to score with.
        sources: token ids of each sentence, including the end; at least one sentence.
        targets: token ids of each translation, without begin or end.
        special: ids of begin and end.
        posterior: whether to compute posterior attention as well, which costs one more row per
            source position and step.
    """
    sentences = [
        BatchSentence(
            source,
            start_search(Decoding(len(target), prefix=(*target, special.end)), special),
            [] if posterior else None,
        )
        for source, target in zip(sources, targets, strict=True)
    ]
    _run(model, sentences)
    forced = []
    for target, sentence in zip(targets, sentences, strict=True):
        (best,) = sentence.search.hypotheses()
        rows = None if sentence.posterior is None else np.stack(sentence.posterior)
        forced.append(Forced(tuple(target), best.log_probs, best.attention, rows))
    return forced


def _run(model: StepModel, sentences: Sequence[BatchSentence]) -> None:
    """Run searches of one beam width until all are done; finished sentences leave the batch."""
    source_ids, lengths = pad_sources([sentence.source for sentence in sentences])
    beam = sentences[0].search.beam
    rows = model.rows(beam, source_ids.shape[1], len(sentences))
    driver: Driver[BatchSentence] = Driver(model, rows, beam)
    encoded = model.encode(source_ids, lengths)
    for index, sentence in enumerate(sentences):
        driver.admit(sentence, encoded, index)
    while driver.sentences:
        driver.step()
        for row in reversed(range(len(driver.sentences))):
            if driver.sentences[row].search.done:
                driver.release(row)


def pad_sources(sources: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Pad sources as `pad` does, but to `whole_width` of the longest."""
    return _pad(sources, whole_width(max(map(len, sources))))


def whole_width(positions: int) -> int:
    """Round a number of source positions up to a multiple of four.

    ONNX Runtime's matrix products on the CPU sum in groups of four. Padding in whole groups adds
    zeros without changing the order of summation, so the result of a sentence is bit-identical
    whatever the lengths of the others in its batch. Otherwise a sum can differ in its last bit,
    and quantization to int8 can then round it to another integer.
    """
    return -(-positions // _ADDED_AT_ONCE) * _ADDED_AT_ONCE


def pad(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Pad rows with 0 to int64 [batch, longest]; return them and their lengths int32 [batch]."""
    return _pad(rows, max(map(len, rows)))


def _pad(rows: Sequence[Sequence[int]], width: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    ids = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
    return ids, np.array([len(row) for row in rows], dtype=np.int32)
