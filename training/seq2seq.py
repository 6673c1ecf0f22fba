"""The attention seq2seq: encoder, decoder, and the loops over the decoder's step."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from training.decoder import Decoder, Memory
from training.encoder import Encoder
from training.model_configuration import Model


class Greedy(NamedTuple):
    """Greedy translations.

    Attributes:
        token_ids: for each sentence its token ids, the end left out.
        attention: for each sentence float32 [target, source]: a row for each token, and one for
            the end where it was reached; columns are true positions, the end counted.
    """

    token_ids: list[list[int]]
    attention: list[Tensor]


class Seq2Seq(nn.Module):
    """Bidirectional GRU encoder and GRU decoder with attention."""

    def __init__(
        self, model: Model, source_vocabulary: int, target_vocabulary: int, padding: int
    ) -> None:
        super().__init__()
        self.encoder = Encoder(model, source_vocabulary, padding)
        self.decoder = Decoder(model, target_vocabulary, padding)
        for embedding in (self.encoder.embedding, self.decoder.embedding):
            # N(0, 1), the default, starts tied logits far too large: 23.9 BLEU instead of 37.4
            nn.init.normal_(embedding.weight, std=1 / math.sqrt(model.embedding_size))
            with torch.no_grad():
                embedding.weight[padding].zero_()

    def encode(self, source_ids: Tensor, source_lengths: Tensor) -> tuple[Memory, Tensor]:
        """Encode a batch.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.

        Returns:
            The memory, and the decoder's first state float [batch, state].
        """
        encoder_states, recurrent = self.encoder(source_ids, source_lengths)
        positions = torch.arange(source_ids.shape[1], device=source_ids.device)
        mask = positions < source_lengths.to(source_ids.device).unsqueeze(1)
        keys = self.decoder.attention.project_keys(encoder_states)
        memory = Memory(encoder_states, keys, mask.unsqueeze(1))
        return memory, self.decoder.initial_state(recurrent)

    def forward(
        self, source_ids: Tensor, source_lengths: Tensor, previous_ids: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Score translations under teacher forcing, looping over the step that is exported.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.
            previous_ids: int64 [batch, target], begin and then the translation.

        Returns:
            logits float [batch, target, vocabulary] and attention float [batch, target, source].
        """
        memory, state = self.encode(source_ids, source_lengths)
        state = state.unsqueeze(1)
        states, rows = [], []
        for embedded in self.decoder.embed(previous_ids).unbind(dim=1):
            state, attention = self.decoder.step(embedded.unsqueeze(1), state, memory)
            states.append(state)
            rows.append(attention)
        # the projection to the vocabulary is most of the work: once, for all positions
        return self.decoder.logits(torch.cat(states, dim=1)), torch.cat(rows, dim=1)

    @torch.inference_mode()
    def greedy(
        self, source_ids: Tensor, source_lengths: Tensor, begin: int, end: int, max_tokens: int
    ) -> Greedy:
        """Translate a batch, taking the most probable token at each step.

        Args:
            source_ids: int64 [batch, source], padded.
            source_lengths: int64 [batch], on the CPU.
            begin: token id before the first.
            end: token id that ends a sentence.
            max_tokens: the most tokens of a translation, the end not counted.
        """
        memory, state = self.encode(source_ids, source_lengths)
        state = state.unsqueeze(1)
        previous = torch.full_like(source_ids[:, :1], begin)
        running = torch.ones(len(source_ids), dtype=torch.bool, device=source_ids.device)
        columns, rows = [], []
        for _ in range(max_tokens + 1):
            state, attention = self.decoder.step(self.decoder.embed(previous), state, memory)
            previous = self.decoder.logits(state).argmax(dim=2)
            columns.append(previous)
            rows.append(attention)
            running &= previous[:, 0] != end
            if not running.any():
                break
        token_ids, attentions = [], []
        table = torch.cat(columns, dim=1).tolist()
        attention = torch.cat(rows, dim=1).float().cpu()
        for ids, weights, length in zip(table, attention, source_lengths.tolist(), strict=True):
            count = ids.index(end) if end in ids else max_tokens
            token_ids.append(ids[:count])
            attentions.append(weights[: count + (end in ids), :length])
        return Greedy(token_ids, attentions)
