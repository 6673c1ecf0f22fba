"""The decoder step as exported: a step of the decoder that returns the best next tokens."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from jumok.bundle.signature import MOST_CANDIDATES
from jumok.bundle.stages import Stage
from jumok.training.network.attention import Memory, StageTensors
from jumok.training.network.decoder import Decoder, Inputs

_LEAST_ROWS: Final = 4
"""Minimum number of tokens that share a maximum; with fewer, ranking in two rounds is no faster."""

LARGEST_TABLE: Final = 1 << 25
"""Maximum number of elements of a per-token gate table: 128 MiB of float32."""


class RankedStep(nn.Module):
    """Reorder the hypotheses, read a token of each, and rank the next tokens."""

    def __init__(self, decoder: Decoder, stages: Sequence[Stage] = ()) -> None:
        """Step `decoder`; return `stages` after the outputs of the signature."""
        super().__init__()
        self.decoder, self.stages = decoder, tuple(stages)

    def forward(
        self,
        previous_ids: Tensor,
        parents: Tensor,
        scored_ids: Tensor,
        decoder_state: Tensor,
        encoder_states: Tensor,
        projected_keys: Tensor,
        source_lengths: Tensor,
        candidate_ranks: Tensor,
    ) -> tuple[Tensor, ...]:
        """Do one step; `jumok.bundle.signature.DECODER_STEP` describes inputs and outputs."""
        # A cumulative sum stays on the device. torch.arange would start from a shape, which is on
        # the host, and ONNX Runtime would place the nodes that follow there.
        positions = torch.ones_like(encoder_states[:, :, 0], dtype=torch.int32).cumsum(
            1, dtype=torch.int32
        )
        mask = (positions <= source_lengths.unsqueeze(1)).unsqueeze(1)
        index = parents.unsqueeze(2).expand(-1, -1, decoder_state.shape[2])
        inputs = self._read(previous_ids)
        found: StageTensors = {}
        state, features, attention = self.decoder.step(
            inputs.gates,
            self.decoder.unpack(decoder_state.gather(1, index)),
            Memory(encoder_states, projected_keys, mask),
            found,
        )
        logits = self.decoder.logits(features, inputs.readout, found)
        log_probs = logits.log_softmax(dim=2)
        best, token_ids = ranked(log_probs, candidate_ranks.shape[0])
        scored = log_probs.gather(2, scored_ids.unsqueeze(2))
        step = token_ids, best, attention, self.decoder.pack(state), scored.squeeze(2)
        return *step, *(found[stage] for stage in self.stages)

    def _read(self, previous_ids: Tensor) -> Inputs:
        """Embed and project tokens; in the exported graph, look both up in per-token tables.

        The graph computes the tables from the weights. ONNX Runtime folds such constants when it
        opens the graph, so steps need no product with embeddings and bundles contain no tables.
        """
        embeddings = self.decoder.embedding.weight
        elements = len(embeddings) * self.decoder.embedded_gates.out_features
        if not torch.compiler.is_exporting() or elements > LARGEST_TABLE:
            return self.decoder.read(previous_ids)
        every = self.decoder.project(embeddings)
        return Inputs(*(functional.embedding(previous_ids, table) for table in every))


def ranked(log_probs: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Find the most probable tokens.

    Works in two rounds if the size of the vocabulary permits: the vocabulary is divided into
    columns, and the best tokens are in the columns with the highest maxima. A maximum over the
    vocabulary takes a fifth of the time of ranking it.

    Args:
        log_probs: float [batch, beam, vocabulary].
        count: number of tokens.

    Returns:
        Log-probabilities and token ids [batch, beam, count], best first.
    """
    words = log_probs.shape[2]
    columns = _columns(words)
    if columns == words:
        return log_probs.topk(count, dim=2)
    rows = words // columns
    table = _reshaped(log_probs, rows, columns)
    best_columns = table.amax(dim=2).topk(count, dim=2).indices.unsqueeze(2)
    starts = torch.arange(0, words, columns, device=log_probs.device).unsqueeze(1)
    places = best_columns.expand(-1, -1, rows, -1)
    best, found = _reshaped(table.gather(3, places), rows * count).topk(count, dim=2)
    return best, _reshaped(starts + places, rows * count).gather(2, found)


def _reshaped(tensor: Tensor, *sizes: int) -> Tensor:
    """Reshape [batch, beam, ...] to [batch, beam, *sizes]."""
    shape = (*tensor.shape[:2], *sizes)
    if torch.compiler.is_exporting():
        # 0 copies a size; the exporter would compute it from a shape, on the host
        kept = torch.tensor([0, 0, *sizes[:-1], -1])
        symbolic: Tensor = torch.onnx.ops.symbolic(
            "Reshape", (tensor, kept), dtype=tensor.dtype, shape=shape, version=20
        )
        return symbolic
    return tensor.reshape(shape)


def _columns(words: int) -> int:
    """Return the number of columns: the smallest possible divisor, or the number of tokens."""
    for columns in range(MOST_CANDIDATES, words // _LEAST_ROWS + 1):
        if words % columns == 0:
            return columns
    return words
