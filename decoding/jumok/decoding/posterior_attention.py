"""Posterior attention: where a step looked, in the light of the token that it wrote."""

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.step_model import Encoded, StepModel

_ROWS = 512  # source positions tried at a time: a row of log-probabilities over the vocabulary each


def posterior_attention(
    model: StepModel,
    previous_ids: NDArray[np.int64],
    token_ids: NDArray[np.int64],
    decoder_state: NDArray[np.float32],
    encoded: Encoded,
    attention: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Weigh a step's attention by how well each source position by itself explains its token.

    P(a_t = j | y_t) ∝ P(a_t = j) P(y_t | c_t = h_j), h_j the encoder state there and c_t the
    context (Shankar & Sarawagi 2019, section 3): the second factor comes of a step whose source
    has this one position.

    Args:
        model: the model.
        previous_ids: int64 [batch, 1], read by the step.
        token_ids: int64 [batch, 1], written by the step.
        decoder_state: float32 [batch, 1, state], before the step.
        encoded: of the sentences.
        attention: float32 [batch, 1, source], of the step.

    Returns:
        float32 [batch, 1, source]; rows sum to 1 over true positions and are 0 elsewhere.
    """
    true = np.arange(attention.shape[2]) < encoded.source_lengths[:, None]
    sentences, positions = np.nonzero(true)
    logs = np.full(true.shape, -np.inf)
    for start in range(0, len(sentences), _ROWS):
        some = slice(start, start + _ROWS)
        at = sentences[some], positions[some]
        alone = Encoded(
            encoded.encoder_states[at][:, None],
            encoded.projected_keys[at][:, None],
            encoded.decoder_state[at[0]],
            np.ones(len(at[0]), dtype=np.int32),
        )
        step = model.step(
            previous_ids[at[0]],
            np.zeros((len(at[0]), 1), dtype=np.int64),
            token_ids[at[0]],
            decoder_state[at[0]],
            alone,
            candidates=1,
        )
        with np.errstate(divide="ignore"):
            logs[at] = step.scored_log_probs[:, 0] + np.log(attention[at[0], 0, at[1]])
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares.astype(np.float32)[:, None]
