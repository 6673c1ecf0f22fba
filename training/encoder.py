"""The encoder: reads the source in both directions."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from training.model_configuration import Model


class Encoder(nn.Module):
    """Bidirectional GRU (Cho et al. 2014; Bahdanau et al. 2015, 3.2)."""

    def __init__(self, model: Model, vocabulary_size: int, padding: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, model.embedding_size, padding)
        self.dropout = nn.Dropout(model.dropout)
        self.rnn = nn.GRU(
            model.embedding_size, model.encoder_size, bidirectional=True, batch_first=True
        )
        self.bridge = nn.Linear(2 * model.encoder_size, model.decoder_size)

    def forward(self, source_ids: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Encode a batch. Padding is never seen, in either direction.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.

        Returns:
            encoder_states float [batch, source, encoder], 0 at padding, and the decoder's first
            recurrent state float [batch, decoder]: tanh of a projection of both final states.
        """
        embedded = self.dropout(self.embedding(source_ids))
        packed = pack_padded_sequence(
            embedded, source_lengths, batch_first=True, enforce_sorted=False
        )
        outputs, final = self.rnn(packed)
        encoder_states, _ = pad_packed_sequence(
            outputs, batch_first=True, total_length=source_ids.shape[1]
        )
        return self.dropout(encoder_states), self.first_state(final)

    def first_state(self, final: Tensor) -> Tensor:
        """Project final states [direction, batch, encoder/2] to [batch, decoder]."""
        return torch.tanh(self.bridge(torch.cat((final[0], final[1]), dim=1)))
