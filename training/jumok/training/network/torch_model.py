"""A PyTorch model with the interface of the two exported graphs."""

import numpy as np
import torch
from numpy.typing import NDArray

from jumok.decoding.step_model import Encoded, Step
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
    def _device(self) -> torch.device:
        return self._model.decoder.embedding.weight.device

    @torch.inference_mode()
    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode [batch, source], padded, of true lengths [batch]."""
        self._model.eval()
        memory, state = self._model.encode(
            torch.from_numpy(source_ids).to(self._device), torch.from_numpy(source_lengths).long()
        )
        return Encoded(
            memory.encoder_states.cpu().numpy(),
            memory.projected_keys.cpu().numpy(),
            state.cpu().numpy(),
            source_lengths,
        )

    @torch.inference_mode()
    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        decoder_state: NDArray[np.float32],
        encoded: Encoded,
        candidates: int,
    ) -> Step:
        """Read a token for each hypothesis [batch, beam]."""
        self._model.eval()
        arrays = (
            previous_ids,
            parents,
            scored_ids,
            decoder_state,
            encoded.encoder_states,
            encoded.projected_keys,
            encoded.source_lengths,
            np.arange(min(candidates, self._vocabulary)),
        )
        outputs = self._step(*(torch.from_numpy(array).to(self._device) for array in arrays))
        return Step(*(output.cpu().numpy() for output in outputs))
