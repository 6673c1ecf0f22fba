"""Attention: asks every encoder state and sums them by the answer."""

import math
from typing import NamedTuple

from torch import Tensor, nn

from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.score_function import SCORE_FUNCTIONS


class Memory(NamedTuple):
    """What a decoder reads of the source; computed once a sentence.

    Attributes:
        encoder_states: float [batch, source, encoder], the values: states of the encoder and, with
            a lexical model, embeddings.
        projected_keys: float [batch, source, key].
        mask: bool [batch, 1, source], true at true positions.
    """

    encoder_states: Tensor
    projected_keys: Tensor
    mask: Tensor


class Attention(nn.Module):
    """Scores, softmax, weighted sum (Bahdanau et al. 2015, eq. 5 and 6; Luong et al. 2015, 3.1)."""

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.score = SCORE_FUNCTIONS[model.score](model, positions)
        self.size = model.value_size

    def remember(self, encoder_states: Tensor, mask: Tensor) -> Memory:
        """Project the keys of float [batch, source, encoder]; mask bool [batch, 1, source]."""
        keys = self.score.project_keys(encoder_states[:, :, : self.size])
        return Memory(encoder_states, keys, mask)

    def forward(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Attend.

        Args:
            query: float [batch, beam, decoder].
            memory: of the same batch.

        Returns:
            context float [batch, beam, encoder], and attention float [batch, beam, source] whose
            rows sum to 1 over true positions and are 0 elsewhere.
        """
        energies = self.score(query, memory.projected_keys, memory.mask)
        attention = energies.masked_fill(~memory.mask, -math.inf).softmax(dim=2)
        return attention.to(memory.encoder_states.dtype) @ memory.encoder_states, attention
