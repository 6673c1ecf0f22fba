"""Searches a batch of sentences together, over any `StepModel`; those that are done leave it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.hypothesis import Hypothesis
from jumok.decoding.options import Decoding
from jumok.decoding.search import Ranked
from jumok.decoding.start import start_search
from jumok.decoding.step_model import StepModel

_ADDED_AT_ONCE: Final = 4


def search(
    model: StepModel, sources: Sequence[Sequence[int]], special: SpecialIds, decoding: Decoding
) -> list[list[Hypothesis]]:
    """Translate a batch.

    Args:
        model: the model.
        sources: token ids of each sentence, ended.
        special: ids of begin and end.
        decoding: how, the same for all.

    Returns:
        For each sentence its translations, best first.
    """
    encoded = model.encode(*pad_sources(sources))
    everyone = [start_search(decoding, special) for _ in sources]
    running = list(everyone)
    state = np.repeat(encoded.decoder_state[:, None], running[0].beam, axis=1)
    while running:
        step = model.step(
            np.array([sentence.previous for sentence in running], dtype=np.int64),
            np.array([sentence.parents for sentence in running], dtype=np.int64),
            np.array([sentence.scored for sentence in running], dtype=np.int64),
            state,
            encoded,
            running[0].candidates,
        )
        state = step.decoder_state
        for row, sentence in enumerate(running):
            length = encoded.source_lengths[row]
            attention = step.attention[row, :, :length]
            sentence.advance(
                Ranked(
                    step.token_ids[row], step.log_probs[row], attention, step.scored_log_probs[row]
                )
            )
        kept = [row for row, sentence in enumerate(running) if not sentence.done]
        if len(kept) < len(running):
            rows = np.array(kept, dtype=np.int64)
            running = [running[row] for row in kept]
            encoded, state = encoded.take(rows), state[rows]
    return [sentence.hypotheses() for sentence in everyone]


def pad_sources(sources: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Pad sources as `pad` does, to a `whole_width`."""
    return _pad(sources, whole_width(max(map(len, sources))))


def whole_width(positions: int) -> int:
    """Round a number of source positions up to one that sums over them are the same for.

    ONNX Runtime's products on the CPU add up in fours. Where padding fills up whole ones it adds
    zeros and leaves the order as it is: what a sentence gets is the same to the last bit, however
    long its company. Else a sum can be off by a bit, which in int8 can round to the next integer.
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
