"""What int8 costs: its translations beside those of float32, and alone beside in company."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bundle.incremental_decoder import decode
from decoding.batch_search import search
from decoding.hypothesis import Hypothesis
from decoding.options import Decoding
from decoding.step_model import StepModel
from export.parity_report import Quantized
from training.checkpoint import Checkpoint
from training.evaluation import text_scores

_BATCH: Final = 33


def compare_int8(checkpoint: Checkpoint, float32: StepModel, int8: StepModel) -> Quantized:
    """Translate the held-out sentences of a checkpoint with its graphs of both precisions."""
    special, limits = checkpoint.source.special_ids, checkpoint.configuration.limits
    sources = [
        [*ids, special.end]
        for ids in checkpoint.source.encode_ids(checkpoint.held_out)
        if 0 < len(ids) <= limits.max_source_tokens
    ]
    decoding = Decoding(limits.max_target_tokens)

    def translate(model: StepModel, batch: int) -> list[Hypothesis]:
        return [
            best
            for start in range(0, len(sources), batch)
            for (best,) in search(model, sources[start : start + batch], special, decoding)
        ]

    exact, near, alone = translate(float32, _BATCH), translate(int8, _BATCH), translate(int8, 1)
    texts, references = (
        [decode(checkpoint.target, each.token_ids) for each in found] for found in (near, exact)
    )
    scores = text_scores(texts, references)
    lonely = list(zip(near, alone, strict=True))
    return Quantized(
        sentences=len(sources),
        identical=_alike(near, exact),
        bleu=scores.bleu,
        chrf=scores.chrf,
        company_tokens=len(sources) - _alike(near, alone),
        company_attention=max(
            (
                float(np.abs(one.attention - other.attention).max())
                for one, other in lonely
                if one.token_ids == other.token_ids and one.ended == other.ended
            ),
            default=0.0,
        ),
    )


def _alike(some: Sequence[Hypothesis], others: Sequence[Hypothesis]) -> int:
    """Count the translations of the same tokens."""
    pairs = zip(some, others, strict=True)
    return sum(one.token_ids == other.token_ids for one, other in pairs)
