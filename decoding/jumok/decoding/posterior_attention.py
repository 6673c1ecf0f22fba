"""Posterior attention: attention reweighted by the probability of the emitted token."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.step_model import StepInput, StepModel

_ROWS: Final = 512  # source positions per step: each needs a row of log-probabilities


def posterior_attention(
    model: StepModel, inputs: StepInput, attention: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Reweight a step's attention by how well each source position alone explains its token.

    P(a_t = j | y_t) ∝ P(a_t = j) P(y_t | c_t = h_j), where h_j is the encoder state at position j
    and c_t the context (Shankar & Sarawagi 2019, section 3). The second factor is the probability
    of the token in a step whose source consists of position j alone.

    Args:
        model: model that made the step.
        inputs: input of the step, with one hypothesis per sentence; `scored_ids` are the emitted
            tokens.
        attention: attention of the step, float32 [batch, 1, source].

    Returns:
        float32 [batch, 1, source]; rows sum to 1 over true positions and are 0 elsewhere.
    """
    true = np.arange(attention.shape[2]) < inputs.tensors["source_lengths"][:, None]
    sentences, positions = np.nonzero(true)
    axes = {tensor.name: tensor.axes for tensor in model.signature.inputs}
    logs = np.full(true.shape, -np.inf)
    for start in range(0, len(sentences), _ROWS):
        at, place = sentences[start : start + _ROWS], positions[start : start + _ROWS]
        tensors = {
            # each position becomes a source of its own
            name: tensor[at, place][:, None] if "source" in axes[name] else tensor[at]
            for name, tensor in inputs.tensors.items()
        }
        tensors["source_lengths"] = np.ones(len(at), dtype=np.int32)
        step = model.step(
            StepInput(
                inputs.previous_ids[at],
                np.zeros_like(at)[:, None],
                inputs.scored_ids[at],
                1,
                tensors,
            )
        )
        with np.errstate(divide="ignore"):
            logs[at, place] = step.scored_log_probs[:, 0] + np.log(attention[at, 0, place])
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares.astype(np.float32)[:, None]
