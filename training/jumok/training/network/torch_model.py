"""A PyTorch model with the interface of the two exported graphs."""

import numpy as np
import torch
from numpy.typing import NDArray

from jumok.bundle.signature import DECODER_STEP, GraphSignature
from jumok.decoding.driver import HostRows
from jumok.decoding.step_model import Encoded, Rows, Step, StepInput
from jumok.training.network.ranked_step import RankedStep
from jumok.training.network.seq2seq import Seq2Seq


class TorchModel:
    """A `StepModel` that runs a PyTorch model in evaluation mode, on the device of its weights."""

    def __init__(self, model: Seq2Seq) -> None:
        """Run `model`."""
        self._model = model
        self._step = RankedStep(model.decoder)
        self._vocabulary = model.decoder.generator.out_features

    @property
    def signature(self) -> GraphSignature:
        """The signature of the decoder step."""
        return DECODER_STEP

    @property
    def _device(self) -> torch.device:
        return self._model.decoder.embedding.weight.device

    @torch.inference_mode()
    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode padded sources int64 [batch, source] of true lengths int32 [batch]."""
        self._model.eval()
        memory, state = self._model.encode(
            torch.from_numpy(source_ids).to(self._device), torch.from_numpy(source_lengths).long()
        )
        tensors = {
            "encoder_states": memory.encoder_states.cpu().numpy(),
            "projected_keys": memory.projected_keys.cpu().numpy(),
            "decoder_state": state.cpu().numpy(),
        }
        return Encoded(tensors, source_lengths)

    @torch.inference_mode()
    def step(self, inputs: StepInput) -> Step:
        """Extend each hypothesis by its previous token and rank the continuations."""
        self._model.eval()
        tensors = inputs.tensors
        arrays = (
            inputs.previous_ids,
            inputs.parents,
            inputs.scored_ids,
            tensors["decoder_state"],
            tensors["encoder_states"],
            tensors["projected_keys"],
            tensors["source_lengths"],
            np.arange(min(inputs.candidates, self._vocabulary)),
        )
        outputs = self._step(*(torch.from_numpy(array).to(self._device) for array in arrays))
        token_ids, log_probs, attention, state, scored = (
            output.cpu().numpy() for output in outputs
        )
        return Step(token_ids, log_probs, attention, scored, {"decoder_state": state})

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        """Create `capacity` rows of `beam` hypotheses and `width` source positions."""
        return HostRows(self, beam, width, capacity)
