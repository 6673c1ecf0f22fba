"""The attention seq2seq model."""

import math

import torch
from torch import Tensor, nn

from jumok.training.network.attention import Memory
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.decoder import Decoder
from jumok.training.network.encoder import Encoder


class Seq2Seq(nn.Module):
    """A recurrent encoder and decoder with attention (Bahdanau et al. 2015; Luong et al. 2015)."""

    def __init__(
        self,
        model: ModelConfiguration,
        source_vocabulary: int,
        target_vocabulary: int,
        padding: int,
        positions: int,
    ) -> None:
        """Create an untrained model.

        Args:
            model: the `[model]` table.
            source_vocabulary: number of source tokens.
            target_vocabulary: number of target tokens.
            padding: id of the padding token.
            positions: maximum source length in tokens, including the end.
        """
        super().__init__()
        self.decoder = Decoder(model, target_vocabulary, padding, positions)
        self.encoder = Encoder(model, source_vocabulary, padding, self.decoder.recurrent_size)
        if model.tie_embeddings:
            self.encoder.embedding.weight = self.decoder.embedding.weight
        for embedding in (self.encoder.embedding, self.decoder.embedding):
            # With the default N(0, 1), tied logits start far too large: 23.9 BLEU instead of 37.4
            nn.init.normal_(embedding.weight, std=1 / math.sqrt(model.embedding_size))
            with torch.no_grad():
                embedding.weight[padding].zero_()

    def encode(self, source_ids: Tensor, source_lengths: Tensor) -> tuple[Memory, Tensor]:
        """Encode a batch.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.

        Returns:
            The memory, and the decoder's packed initial state float [batch, state].
        """
        encoder_states, recurrent = self.encoder(source_ids, source_lengths)
        positions = torch.arange(source_ids.shape[1], device=source_ids.device)
        mask = positions < source_lengths.to(source_ids.device).unsqueeze(1)
        memory = self.decoder.attention.remember(encoder_states, mask.unsqueeze(1))
        return memory, self.decoder.initial_state(recurrent)

    def forward(
        self,
        source_ids: Tensor,
        source_lengths: Tensor,
        previous_ids: Tensor,
        wanted: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Score translations with teacher forcing, by the same decoder step that is exported.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.
            previous_ids: int64 [batch, target], the begin token and the translation.
            wanted: bool [batch, target], positions to compute logits of; all by default.

        Returns:
            Logits float [batch, target, vocabulary], or float [position, vocabulary] of the
            `wanted` positions; and attention float [batch, target, source].
        """
        memory, packed = self.encode(source_ids, source_lengths)
        state = self.decoder.unpack(packed.unsqueeze(1))
        inputs = self.decoder.read(previous_ids)
        columns, rows = [], []
        for gates in inputs.gates.unbind(dim=1):
            state, features, attention = self.decoder.step(gates.unsqueeze(1), state, memory)
            columns.append(features)
            rows.append(attention)
        # the projection to the vocabulary is most of the work: done once for all positions
        features, readout = torch.cat(columns, dim=1), inputs.readout
        if wanted is not None:
            features, readout = features[wanted], readout[wanted]
        return self.decoder.logits(features, readout), torch.cat(rows, dim=1)
