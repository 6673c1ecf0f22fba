"""The lexical model."""

import torch
from torch import Tensor, nn

from jumok.training.network.configuration import ModelConfiguration


class LexicalModel(nn.Module):
    """Predict the next word from the attended source words alone (Nguyen & Chiang 2018, section 4).

    With source embeddings e_j and attention a_tj: f = tanh(Σ_j a_tj e_j), h = tanh(W f) + f. In the
    paper h has an output matrix of its own; here it is projected and added to the input of the
    generator.
    """

    def __init__(self, model: ModelConfiguration) -> None:
        super().__init__()
        self.hidden = nn.Linear(model.embedding_size, model.embedding_size)
        self.output = nn.Linear(model.embedding_size, model.attentional_size, bias=False)

    def forward(self, words: Tensor) -> Tensor:
        """Compute the addition to the input of the generator.

        Args:
            words: float [..., embedding], source embeddings summed with the weights of attention.

        Returns:
            float [..., attentional].
        """
        words = torch.tanh(words)
        added: Tensor = self.output(torch.tanh(self.hidden(words)) + words)
        return added
