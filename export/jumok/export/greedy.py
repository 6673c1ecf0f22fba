"""Greedy translations of held-out sentences, which every comparison of an export is made on."""

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
    """Return the held-out sentences that fit the limits, as token ids, ended."""
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
    """Translate with a model of the checkpoint, `batch` sentences at a time, in their order."""
    special = checkpoint.source.special_ids
    decoding = Decoding(checkpoint.configuration.limits.max_target_tokens)
    return [
        best
        for start in range(0, len(sources), batch)
        for (best,) in search(model, sources[start : start + batch], special, decoding)
    ]


def alike(one: ScoredHypothesis, other: ScoredHypothesis) -> bool:
    """Tell whether two translations have the same tokens, and both an end or neither."""
    return (one.token_ids, one.ended) == (other.token_ids, other.ended)


def batching_effect(
    together: Sequence[ScoredHypothesis], alone: Sequence[ScoredHypothesis]
) -> tuple[int, float]:
    """Tell what being batched with others changes in translations.

    Returns:
        How many have other tokens for it, and the largest difference of attention of the others.
    """
    pairs = list(zip(together, alone, strict=True))
    differences = (
        float(np.abs(one.attention - other.attention).max())
        for one, other in pairs
        if alike(one, other)
    )
    return sum(not alike(one, other) for one, other in pairs), max(differences, default=0.0)
