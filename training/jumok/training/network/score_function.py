"""Score functions of attention.

A score function projects the encoder states to keys, once per sentence, and scores queries against
the keys in each step. Below, s is the query and h an encoder state.
"""

import math
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from jumok.training.network.configuration import ModelConfiguration


class ScoreFunction(nn.Module):
    """Base class of score functions; by default the dot product of Luong et al. 2015 (eq. 8)."""

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Project encoder states float [batch, source, encoder] to float [batch, source, key]."""
        return encoder_states

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Score queries against keys.

        Args:
            query: float [batch, beam, decoder].
            projected_keys: float [batch, source, key].
            mask: bool [batch, 1, source], false at padding.

        Returns:
            Energies float [batch, beam, source], arbitrary at padding.
        """
        return query @ projected_keys.transpose(1, 2)


class Dot(ScoreFunction):
    """e = sᵀ h (Luong et al. 2015, eq. 8)."""

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()


class ScaledDot(Dot):
    """e = sᵀ h / √n, with n the size of s and h (Vaswani et al. 2017, eq. 1)."""

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Score queries against keys."""
        return super().forward(query / math.sqrt(query.shape[2]), projected_keys, mask)


class General(ScoreFunction):
    """e = sᵀ W h (Luong et al. 2015, eq. 8). The keys are W h."""

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.key = nn.Linear(model.value_size, model.decoder_size, bias=False)

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Project encoder states to keys."""
        keys: Tensor = self.key(encoder_states)
        return keys


class Additive(ScoreFunction):
    """e = vᵀ tanh(W s + U h) (Bahdanau et al. 2015, A.1.2; `concat` of Luong et al. 2015).

    The keys are U h.
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.query = nn.Linear(model.decoder_size, model.attention_size)
        self.key = nn.Linear(model.value_size, model.attention_size, bias=False)
        self.energy = nn.Linear(model.attention_size, 1, bias=False)

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Project encoder states to keys."""
        keys: Tensor = self.key(encoder_states)
        return keys

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Score queries against keys."""
        mixed = torch.tanh(self.query(query).unsqueeze(2) + projected_keys.unsqueeze(1))
        if torch.compiler.is_exporting():
            # ONNX Runtime computes a product with one column two bits less precisely than a sum
            return (mixed * self.energy.weight[0]).sum(dim=3)
        energies: Tensor = self.energy(mixed).squeeze(3)
        return energies


class Location(ScoreFunction):
    """e_j = w_j · s, with a learned vector w_j for each position (Luong et al. 2015, section 3.1).

    The keys are the w_j; they depend on the position alone. Positions beyond the last vector use
    the last one.
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.empty(positions, model.decoder_size))
        nn.init.normal_(self.positions, std=1 / math.sqrt(model.decoder_size))

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Project encoder states to keys."""
        batch, source, _ = encoder_states.shape
        places = torch.arange(source, device=encoder_states.device)
        rows = self.positions[places.clamp(max=len(self.positions) - 1)]
        return rows.unsqueeze(0).expand(batch, -1, -1)


class Cosine(ScoreFunction):
    """e = β cos(s, h), with a learned key strength β (Graves et al. 2014, eq. 5 and 6).

    Cosines are at most 1, so that attention could not be sharp without β. The keys are normalised.
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.tensor(10.0))

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Project encoder states to keys."""
        return functional.normalize(encoder_states, dim=2)

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Score queries against keys."""
        query = self.strength * functional.normalize(query, dim=2)
        return super().forward(query, projected_keys, mask)


class LastState(ScoreFunction):
    """No attention: the context is always the encoder's last state.

    The encoder-decoder of Cho et al. 2014 and Sutskever et al. 2014, expressed as attention to the
    last position.
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Return keys of size 1, which are not used."""
        return encoder_states[:, :, :1]

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Score the last position 0 and all others -∞."""
        following = functional.pad(mask[:, :, 1:], (0, 1), value=False)
        last = (mask & ~following).expand(-1, query.shape[1], -1)
        return torch.where(last, 0.0, -math.inf).to(query.dtype)


SCORE_FUNCTIONS: Final[dict[str, Callable[[ModelConfiguration, int], ScoreFunction]]] = {
    "additive": Additive,
    "dot": Dot,
    "scaled_dot": ScaledDot,
    "general": General,
    "location": Location,
    "cosine": Cosine,
    "none": LastState,
}
"""Constructors by name; arguments are the `[model]` table and the maximum source length in tokens,
including the end."""
