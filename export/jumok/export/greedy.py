"""Greedy translations of held-out sentences, used in all comparisons of an export."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from jumok.decoding.batch_search import search
from jumok.decoding.hypothesis import ScoredHypothesis
from jumok.decoding.options import Decoding
from jumok.decoding.step_model import StepModel
from jumok.training.checkpoint import Checkpoint

BATCH: Final = 33


def held_out_sources(checkpoint: Checkpoint) -> list[list[int]]:
    """Return token ids, including the end, of the held-out sentences within the limits."""
    longest = checkpoint.configuration.limits.max_source_tokens
    return [
        [*ids, checkpoint.source.special_ids.end]
        for ids in checkpoint.source.encode_ids(checkpoint.held_out)
        if 0 < len(ids) <= longest
    ]


def translate(
    checkpoint: Checkpoint,
    model: StepModel,
    sources: Sequence[Sequence[int]],
    batch: int = BATCH,
) -> list[ScoredHypothesis]:
    """Translate greedily in batches of `batch` sentences, in the given order."""
    special = checkpoint.source.special_ids
    decoding = Decoding(checkpoint.configuration.limits.max_target_tokens)
    return [
        best
        for start in range(0, len(sources), batch)
        for (best,) in search(model, sources[start : start + batch], special, decoding)
    ]


def alike(one: ScoredHypothesis, other: ScoredHypothesis) -> bool:
    """Tell whether two translations have the same tokens and both or neither ended."""
    return (one.token_ids, one.ended) == (other.token_ids, other.ended)


def batching_effect(
    together: Sequence[ScoredHypothesis], alone: Sequence[ScoredHypothesis]
) -> tuple[int, float]:
    """Compare translations of sentences in batches with those of single sentences.

    Returns:
        Number of translations that differ, and the largest difference of attention in the others.
    """
    pairs = list(zip(together, alone, strict=True))
    differences = (
        float(np.abs(one.attention - other.attention).max())
        for one, other in pairs
        if alike(one, other)
    )
    return sum(not alike(one, other) for one, other in pairs), max(differences, default=0.0)
