"""Scores given translations of a batch, over any `StepModel`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.batch_search import pad, pad_sources
from jumok.decoding.posterior_attention import posterior_attention
from jumok.decoding.step_model import StepModel


@dataclass(frozen=True, slots=True)
class Forced:
    """What the model says of a given translation.

    Attributes:
        token_ids: the end left out.
        log_probs: float32 [target], of each token and of the end; in nats.
        attention: float32 [target, source], a row for each of these, columns the true positions.
        posterior: as `attention`, of `posterior_attention`; None where it was not asked for.
    """

    token_ids: tuple[int, ...]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    posterior: NDArray[np.float32] | None = None


def force(
    model: StepModel,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    special: SpecialIds,
    posterior: bool = False,
) -> list[Forced]:
    """Score given translations of a batch, the end counted.

    Args:
        model: the model.
        sources: token ids of each sentence, ended.
        targets: token ids of each translation, without begin or end.
        special: ids of begin and end.
        posterior: whether to find the posterior attention, too: a step more for each source token.
    """
    encoded = model.encode(*pad_sources(sources))
    scored, lengths = pad([[*target, special.end] for target in targets])
    previous = np.concatenate((np.full((len(scored), 1), special.begin), scored[:, :-1]), axis=1)
    state = encoded.decoder_state[:, None]
    parents = np.zeros((len(scored), 1), dtype=np.int64)
    log_probs, rows, posterior_rows = [], [], []
    for place in range(scored.shape[1]):
        read, written = previous[:, place : place + 1], scored[:, place : place + 1]
        step = model.step(read, parents, written, state, encoded, candidates=1)
        log_probs.append(step.scored_log_probs)
        rows.append(step.attention)
        if posterior:
            posterior_rows.append(
                posterior_attention(model, read, written, state, encoded, step.attention)
            )
        state = step.decoder_state
    table, attention = np.concatenate(log_probs, axis=1), np.concatenate(rows, axis=1)
    after = np.concatenate(posterior_rows, axis=1) if posterior else None
    return [
        Forced(
            tuple(target),
            table[row, : lengths[row]],
            attention[row, : lengths[row], : len(source)],
            None if after is None else after[row, : lengths[row], : len(source)],
        )
        for row, (source, target) in enumerate(zip(sources, targets, strict=True))
    ]
