"""The encoder: reads the source, in both directions if it is told to."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from jumok.training.network.configuration import ModelConfiguration

_RNN = {"gru": nn.GRU, "lstm": nn.LSTM}


class Encoder(nn.Module):
    """Stacked recurrent layers (Cho et al. 2014; Bahdanau et al. 2015, 3.2).

    With residual connections a layer adds to what it reads, from the second on (Wu et al. 2016).
    """

    def __init__(
        self, model: ModelConfiguration, vocabulary_size: int, padding: int, state_size: int
    ) -> None:
        """Make an encoder whose final states are projected to `state_size` features."""
        super().__init__()
        self.residual, self.lexical = model.residual, model.has_lexical_model
        self.embedding = nn.Embedding(vocabulary_size, model.embedding_size, padding)
        self.dropout = nn.Dropout(model.dropout)
        self.layers = nn.ModuleList(
            _RNN[model.cell](
                model.value_size if layer else model.embedding_size,
                model.encoder_size,
                bidirectional=model.bidirectional,
                batch_first=True,
            )
            for layer in range(model.encoder_layers)
        )
        self.bridge = nn.Linear(model.value_size, state_size)

    def forward(self, source_ids: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Encode a batch. Padding is never seen, in either direction.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.

        Returns:
            encoder_states float [batch, source, encoder], 0 at padding, with a lexical model
            followed by the embeddings; and the decoder's first recurrent state float
            [batch, recurrent].
        """
        packed = pack_padded_sequence(
            self.embedding(source_ids), source_lengths, batch_first=True, enforce_sorted=False
        )
        states, final = packed.data, None
        for number, layer in enumerate(self.layers):
            outputs, final = layer(packed._replace(data=self.dropout(states)))
            states = outputs.data + states if self.residual and number else outputs.data
        assert final is not None
        if self.lexical:
            states = torch.cat((states, packed.data), dim=1)
        encoder_states, _ = pad_packed_sequence(
            packed._replace(data=states), batch_first=True, total_length=source_ids.shape[1]
        )
        return self.dropout(encoder_states), self.first_state(
            final[0] if isinstance(final, tuple) else final
        )

    def first_state(self, final: Tensor) -> Tensor:
        """Project the last layer's final outputs [direction, batch, encoder/directions].

        Returns:
            tanh of a projection to float [batch, recurrent]: all layers of the decoder at once.
        """
        return torch.tanh(self.bridge(final.transpose(0, 1).flatten(1)))
