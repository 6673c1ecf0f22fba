"""What int8 costs: its translations beside those of float32, and alone beside in company."""

from bundle.incremental_decoder import decode
from decoding.step_model import StepModel
from export.greedy import alike, company, held_out_sources, translate
from export.parity_report import Quantized
from training.checkpoint import Checkpoint
from training.evaluation import text_scores


def compare_int8(checkpoint: Checkpoint, float32: StepModel, int8: StepModel) -> Quantized:
    """Translate the held-out sentences of a checkpoint with its graphs of both precisions."""
    sources = held_out_sources(checkpoint)
    exact, near = (translate(checkpoint, model, sources) for model in (float32, int8))
    texts, references = (
        [decode(checkpoint.target, each.token_ids) for each in found] for found in (near, exact)
    )
    scores = text_scores(texts, references)
    tokens, attention = company(near, translate(checkpoint, int8, sources, batch=1))
    return Quantized(
        sentences=len(sources),
        identical=sum(map(alike, near, exact)),
        bleu=scores.bleu,
        chrf=scores.chrf,
        company_tokens=tokens,
        company_attention=attention,
    )
