"""Attention over the encoder states."""

import math
from typing import NamedTuple

from torch import Tensor, nn

from jumok.bundle.stages import Stage
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.score_function import SCORE_FUNCTIONS


class Memory(NamedTuple):
    """The encoded source as the decoder reads it, computed once per sentence.

    Attributes:
        encoder_states: float [batch, source, encoder], the attention values: encoder states,
            concatenated with source embeddings if there is a lexical model.
        projected_keys: float [batch, source, key], the attention keys.
        mask: bool [batch, 1, source], false at padding.
    """

    encoder_states: Tensor
    projected_keys: Tensor
    mask: Tensor


StageTensors = dict[Stage, Tensor]
"""Collects the tensors of one step that explain it, by stage."""


class Attention(nn.Module):
    """Global attention (Bahdanau et al. 2015, eq. 5 and 6; Luong et al. 2015, section 3.1).

    α_tj = softmax_j(score(s_t, h_j)),  c_t = Σ_j α_tj h_j
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.score = SCORE_FUNCTIONS[model.score](model, positions)
        self.size = model.value_size

    def remember(self, encoder_states: Tensor, mask: Tensor) -> Memory:
        """Project the attention keys.

        Args:
            encoder_states: float [batch, source, encoder].
            mask: bool [batch, 1, source], false at padding.
        """
        keys = self.score.project_keys(encoder_states[:, :, : self.size])
        return Memory(encoder_states, keys, mask)

    def forward(
        self, query: Tensor, memory: Memory, stages: StageTensors | None = None
    ) -> tuple[Tensor, Tensor]:
        """Attend to the source.

        Args:
            query: float [batch, beam, decoder].
            memory: the encoded sources.
            stages: receives the query and the scores.

        Returns:
            Context float [batch, beam, encoder] and attention float [batch, beam, source], whose
            rows sum to 1 and are 0 at padding.
        """
        energies = self.score(query, memory.projected_keys, memory.mask)
        if stages is not None:
            stages |= {"query": query, "scores": energies}
        attention = energies.masked_fill(~memory.mask, -math.inf).softmax(dim=2)
        return attention.to(memory.encoder_states.dtype) @ memory.encoder_states, attention
