"""Comparison of a precision with float32, and of its batched with its single sentences."""

from jumok.bundle.incremental_decoder import decode
from jumok.decoding.step_model import StepModel
from jumok.evaluation.scoring.scores import text_scores
from jumok.export.greedy import alike, batching_effect, held_out_sources, translate
from jumok.export.parity_report import PrecisionParity
from jumok.training.checkpoint import Checkpoint


def compare_precision(
    checkpoint: Checkpoint, provider: str, float32: StepModel, other: StepModel
) -> PrecisionParity:
    """Translate the held-out sentences of a checkpoint with its graphs of two precisions.

    Both run on `provider`.
    """
    sources = held_out_sources(checkpoint)
    exact, near = (translate(checkpoint, model, sources) for model in (float32, other))
    texts, references = (
        [decode(checkpoint.target, each.token_ids) for each in found] for found in (near, exact)
    )
    scores = text_scores(
        texts,
        [(reference,) for reference in references],
        checkpoint.configuration.data.target_language,
    )
    tokens, attention = batching_effect(near, translate(checkpoint, other, sources, batch=1))
    return PrecisionParity(
        provider=provider,
        sentences=len(sources),
        identical=sum(map(alike, near, exact)),
        bleu=scores.bleu,
        chrf=scores.chrf,
        company_tokens=tokens,
        company_attention=attention,
    )
