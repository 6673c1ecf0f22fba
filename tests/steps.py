"""Single steps of a model, from tensors that a test chooses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.step_model import Encoded, Step, StepInput, StepModel


def step(
    model: StepModel,
    previous_ids: NDArray[Any],
    parents: NDArray[Any],
    scored_ids: NDArray[Any],
    decoder_state: NDArray[np.float32],
    encoded: Encoded,
    candidates: int,
) -> Step:
    """Step from a decoder state [batch, beam, state], with the memory of an encoded batch."""
    tensors = {
        **encoded.tensors,
        "source_lengths": encoded.source_lengths,
        "decoder_state": decoder_state,
    }
    return model.step(StepInput(previous_ids, parents, scored_ids, candidates, tensors))
