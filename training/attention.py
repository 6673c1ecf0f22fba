"""Attention: asks every encoder state and sums them by the answer."""

import math

import torch
from torch import Tensor, nn


class AdditiveAttention(nn.Module):
    """Additive score function of Bahdanau et al. 2015 (A.1.2): e = vᵀ tanh(W q + U h).

    It is Luong et al. 2015's `concat`. Keys `U h` are projected once a sentence.
    """

    def __init__(self, query_size: int, encoder_size: int, attention_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, attention_size)
        self.key = nn.Linear(encoder_size, attention_size, bias=False)
        self.energy = nn.Linear(attention_size, 1, bias=False)

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Project encoder states to keys.

        Args:
            encoder_states: float [batch, source, encoder].

        Returns:
            float [batch, source, key].
        """
        keys: Tensor = self.key(encoder_states)
        return keys

    def forward(
        self, query: Tensor, projected_keys: Tensor, encoder_states: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Attend.

        Args:
            query: float [batch, beam, decoder], the decoder state.
            projected_keys: float [batch, source, key].
            encoder_states: float [batch, source, encoder], the values.
            mask: bool [batch, 1, source], true at true positions.

        Returns:
            context float [batch, beam, encoder], and attention float [batch, beam, source] whose
            rows sum to 1 over true positions and are 0 elsewhere.
        """
        mixed = torch.tanh(self.query(query).unsqueeze(2) + projected_keys.unsqueeze(1))
        energies = self.energy(mixed).squeeze(3)
        attention = energies.masked_fill(~mask, -math.inf).softmax(dim=2)
        return attention @ encoder_states, attention
