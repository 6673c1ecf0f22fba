"""The encoder."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from jumok.training.network.configuration import ModelConfiguration

_RNN = {"gru": nn.GRU, "lstm": nn.LSTM}


class Encoder(nn.Module):
    """Stacked recurrent layers, optionally bidirectional (Bahdanau et al. 2015, section 3.2).

    Residual connections (Wu et al. 2016) add the input of each layer but the first to its output.
    """

    def __init__(
        self, model: ModelConfiguration, vocabulary_size: int, padding: int, state_size: int
    ) -> None:
        """Create an encoder.

        Args:
            model: the `[model]` table.
            vocabulary_size: number of source tokens.
            padding: id of the padding token.
            state_size: size of the decoder's initial state, which the final state is projected to.
        """
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
        """Encode a batch; padding has no effect in either direction.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.

        Returns:
            Encoder states float [batch, source, encoder], 0 at padding, concatenated with the
            embeddings if there is a lexical model; and the decoder's initial recurrent state
            float [batch, recurrent].
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
        """Project the final state to the initial states of all decoder layers.

        Args:
            final: float [direction, batch, size], final outputs of the last layer.

        Returns:
            float [batch, recurrent], tanh of the projection.
        """
        return torch.tanh(self.bridge(final.transpose(0, 1).flatten(1)))
