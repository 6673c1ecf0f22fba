"""The decoder: one step at a time, the same in training, in export and in service."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from training.attention import AdditiveAttention
from training.model_configuration import Model


class Memory(NamedTuple):
    """What a decoder reads of the source; computed once a sentence.

    Attributes:
        encoder_states: float [batch, source, encoder], the values.
        projected_keys: float [batch, source, key].
        mask: bool [batch, 1, source], true at true positions.
    """

    encoder_states: Tensor
    projected_keys: Tensor
    mask: Tensor


class Decoder(nn.Module):
    """GRU with attention after the cell and input feeding (Luong et al. 2015, 3 and 3.3).

    s_t = GRU([y_{t-1}; h̃_{t-1}], s_{t-1});  a_t, c_t = attend(s_t);  h̃_t = tanh(W [c_t; s_t]);
    the generator reads h̃_t. What a step carries on is one tensor, `state` = [s_t; h̃_t].
    """

    def __init__(self, model: Model, vocabulary_size: int, padding: int) -> None:
        super().__init__()
        encoder_size = 2 * model.encoder_size
        self.sizes = (model.decoder_size, model.attentional_size)
        self.embedding = nn.Embedding(vocabulary_size, model.embedding_size, padding)
        self.cell = nn.GRUCell(model.embedding_size + model.attentional_size, model.decoder_size)
        self.attention = AdditiveAttention(model.decoder_size, encoder_size, model.attention_size)
        self.readout = nn.Linear(encoder_size + model.decoder_size, model.attentional_size)
        self.generator = nn.Linear(model.attentional_size, vocabulary_size)
        if model.tie_output:
            self.generator.weight = self.embedding.weight
        self.dropout = nn.Dropout(model.dropout)

    @property
    def state_size(self) -> int:
        """Features of the state that a step carries."""
        return sum(self.sizes)

    def initial_state(self, recurrent: Tensor) -> Tensor:
        """Make the state before the first step of recurrent float [batch, decoder].

        Returns:
            float [batch, state]; there is no attentional state yet, so its part is 0.
        """
        attentional = recurrent.new_zeros(recurrent.shape[0], self.sizes[1])
        return torch.cat((recurrent, attentional), dim=1)

    def embed(self, previous_ids: Tensor) -> Tensor:
        """Embed int64 token ids of any shape: float [..., embedding]."""
        embedded: Tensor = self.dropout(self.embedding(previous_ids))
        return embedded

    def step(self, embedded: Tensor, state: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Read one token and attend.

        Args:
            embedded: float [batch, beam, embedding], the previous tokens.
            state: float [batch, beam, state].
            memory: of the same batch.

        Returns:
            state float [batch, beam, state] and attention float [batch, beam, source].
        """
        batch, beam, _ = state.shape
        rows = state.flatten(0, 1)
        recurrent, attentional = rows[:, : self.sizes[0]], rows[:, self.sizes[0] :]
        inputs = torch.cat((embedded.flatten(0, 1), attentional), dim=1)
        recurrent = self.cell(inputs, recurrent).unflatten(0, (batch, beam))
        context, attention = self.attention(
            recurrent, memory.projected_keys, memory.encoder_states, memory.mask
        )
        attentional = torch.tanh(self.readout(torch.cat((context, recurrent), dim=2)))
        return torch.cat((recurrent, self.dropout(attentional)), dim=2), attention

    def logits(self, state: Tensor) -> Tensor:
        """Score every word of the vocabulary: float [..., state] → float [..., vocabulary]."""
        logits: Tensor = self.generator(state[..., self.sizes[0] :])
        return logits
