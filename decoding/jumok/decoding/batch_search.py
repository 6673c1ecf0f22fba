"""Search and scoring of a batch of sentences, with any `StepModel`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.driver import Driver, HostRows, start_search
from jumok.decoding.hypothesis import ScoredHypothesis
from jumok.decoding.options import Decoding
from jumok.decoding.search import Search
from jumok.decoding.step_model import StepModel

_ADDED_AT_ONCE: Final = 4


@dataclass(slots=True)
class BatchSentence:
    """A sentence of a batch, see `jumok.decoding.driver.Sentence`."""

    source: Sequence[int]
    search: Search
    posterior: list[NDArray[np.float32]] | None = None


@dataclass(frozen=True, slots=True)
class Forced:
    """What the model says of a given translation.

    Attributes:
        token_ids: its tokens without the end.
        log_probs: float32 [target], of each token and of the end; in nats.
        attention: float32 [target, source], a row for each of these, columns the true positions.
        posterior: as `attention`, of `posterior_attention`; None if it was not asked for.
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
        model: the model.
        sources: token ids of each sentence, ended.
        special: ids of begin and end.
        decoding: how, the same for all.

    Returns:
        For each sentence its translations, best first.
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
    """Score given translations of a batch, the end counted: each is the prefix of its search.

    Args:
        model: the model.
        sources: token ids of each sentence, ended.
        targets: token ids of each translation, without begin or end.
        special: ids of begin and end.
        posterior: whether to find the posterior attention, too: a step more for each source token.
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
    found = []
    for target, sentence in zip(targets, sentences, strict=True):
        (best,) = sentence.search.hypotheses()
        rows = None if sentence.posterior is None else np.stack(sentence.posterior)
        found.append(Forced(tuple(target), best.log_probs, best.attention, rows))
    return found


def _run(model: StepModel, sentences: Sequence[BatchSentence]) -> None:
    """Run searches of one beam width to their ends; sentences leave the batch when done."""
    source_ids, lengths = pad_sources([sentence.source for sentence in sentences])
    beam = sentences[0].search.beam
    rows = HostRows(model, beam, source_ids.shape[1], len(sentences))
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
    """Pad sources as `pad` does, to a `whole_width`."""
    return _pad(sources, whole_width(max(map(len, sources))))


def whole_width(positions: int) -> int:
    """Round a number of source positions up to a multiple of four.

    ONNX Runtime's products on the CPU sum in groups of four. Padding that fills whole groups adds
    zeros and leaves the order of summation as it is, so a sentence gets the same result to the last
    bit however long the sentences are that it is batched with. Otherwise a sum can differ by a bit,
    which in int8 can round to the next integer.
    """
    return -(-positions // _ADDED_AT_ONCE) * _ADDED_AT_ONCE


def pad(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Pad rows with 0 to int64 [batch, longest]; return their lengths int32 [batch] with them."""
    return _pad(rows, max(map(len, rows)))


def _pad(rows: Sequence[Sequence[int]], width: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    ids = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
    return ids, np.array([len(row) for row in rows], dtype=np.int32)
