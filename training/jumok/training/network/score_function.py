"""Score functions: how similar the decoder's query is to each encoder state.

Each makes keys of the encoder states once a sentence, and at each step energies of queries and
keys.
"""

import math
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from jumok.training.network.configuration import ModelConfiguration


class ScoreFunction(nn.Module):
    """What all score functions have; by itself the dot product of Luong et al. 2015 (eq. 8)."""

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Make keys, float [batch, source, key], of float [batch, source, encoder]."""
        return encoder_states

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Compare queries with keys.

        Args:
            query: float [batch, beam, decoder].
            projected_keys: float [batch, source, key].
            mask: bool [batch, 1, source], true at true positions.

        Returns:
            energies float [batch, beam, source]; what stands at padding does not matter.
        """
        return query @ projected_keys.transpose(1, 2)


class Dot(ScoreFunction):
    """e = sᵀ h (Luong et al. 2015, eq. 8)."""

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()


class ScaledDot(Dot):
    """e = sᵀ h / √n (Vaswani et al. 2017, eq. 1), n features each."""

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Compare queries with keys."""
        return super().forward(query / math.sqrt(query.shape[2]), projected_keys, mask)


class General(ScoreFunction):
    """e = sᵀ W h (Luong et al. 2015, eq. 8). Keys are W h."""

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.key = nn.Linear(model.value_size, model.decoder_size, bias=False)

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Make keys."""
        keys: Tensor = self.key(encoder_states)
        return keys


class Additive(ScoreFunction):
    """e = vᵀ tanh(W s + U h) (Bahdanau et al. 2015, A.1.2). It is Luong et al. 2015's `concat`."""

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.query = nn.Linear(model.decoder_size, model.attention_size)
        self.key = nn.Linear(model.value_size, model.attention_size, bias=False)
        self.energy = nn.Linear(model.attention_size, 1, bias=False)

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Make keys."""
        keys: Tensor = self.key(encoder_states)
        return keys

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Compare queries with keys."""
        mixed = torch.tanh(self.query(query).unsqueeze(2) + projected_keys.unsqueeze(1))
        if torch.compiler.is_exporting():
            # ONNX Runtime adds up a product with one column so that energies lose two bits
            return (mixed * self.energy.weight[0]).sum(dim=3)
        energies: Tensor = self.energy(mixed).squeeze(3)
        return energies


class Location(ScoreFunction):
    """e = W s, a row of W for each position (Luong et al. 2015, section 3.1, `location`).

    The keys are the rows of W: they know where a word stands and nothing of what it is. Positions
    past the last row share it.
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.empty(positions, model.decoder_size))
        nn.init.normal_(self.positions, std=1 / math.sqrt(model.decoder_size))

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Make keys."""
        batch, source, _ = encoder_states.shape
        places = torch.arange(source, device=encoder_states.device)
        rows = self.positions[places.clamp(max=len(self.positions) - 1)]
        return rows.unsqueeze(0).expand(batch, -1, -1)


class Cosine(ScoreFunction):
    """e = β cos(s, h), with a learned key strength β (Graves et al. 2014, eq. 5 and 6).

    Cosines lie between -1 and 1: without β no attention could be sharp. Keys have length 1.
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.tensor(10.0))

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Make keys."""
        return functional.normalize(encoder_states, dim=2)

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Compare queries with keys."""
        query = self.strength * functional.normalize(query, dim=2)
        return super().forward(query, projected_keys, mask)


class LastState(ScoreFunction):
    """No attention: every step reads one context vector, the encoder's last state.

    The plain encoder-decoder of Cho et al. 2014 and Sutskever et al. 2014, written as an attention
    that never looks elsewhere.
    """

    def __init__(self, model: ModelConfiguration, positions: int) -> None:
        super().__init__()

    def project_keys(self, encoder_states: Tensor) -> Tensor:
        """Make keys, which nobody reads."""
        return encoder_states[:, :, :1]

    def forward(self, query: Tensor, projected_keys: Tensor, mask: Tensor) -> Tensor:
        """Rule out every position but the last true one."""
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
"""Made of a model's configuration and the longest source, in positions, the end counted."""
