"""The lexical model: what the attended source words say by themselves of the next word."""

import torch
from torch import Tensor, nn

from jumok.training.network.configuration import ModelConfiguration


class LexicalModel(nn.Module):
    """Translates the words attended to, past all recurrent layers (Nguyen & Chiang 2018, 4).

    With e_j the source's embeddings and a_tj the attention, f = tanh(Σ_j a_tj e_j) and
    h = tanh(W f) + f. They give h an output matrix of its own; here it is projected and added to
    what the generator reads.
    """

    def __init__(self, model: ModelConfiguration) -> None:
        super().__init__()
        self.hidden = nn.Linear(model.embedding_size, model.embedding_size)
        self.output = nn.Linear(model.embedding_size, model.attentional_size, bias=False)

    def forward(self, words: Tensor) -> Tensor:
        """Read the sum of embeddings weighted by attention.

        Args:
            words: float [..., embedding].

        Returns:
            float [..., attentional], to be added to the generator's input.
        """
        words = torch.tanh(words)
        added: Tensor = self.output(torch.tanh(self.hidden(words)) + words)
        return added
