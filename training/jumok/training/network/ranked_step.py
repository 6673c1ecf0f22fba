"""The decoder step with its ranking of what may follow: what the second graph computes."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from jumok.bundle.signature import MOST_CANDIDATES
from jumok.training.network.attention import Memory
from jumok.training.network.decoder import Decoder, Inputs

_LEAST_ROWS: Final = 4
"""Words that share a maximum, at least: with fewer there are too many maxima to gain by them."""

LARGEST_TABLE: Final = 1 << 25
"""Elements of a table of what each word gives to a recurrent cell: 128 MiB of float32."""


class RankedStep(nn.Module):
    """One step of the decoder: reorders hypotheses, reads a token each, ranks what may follow."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

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
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Step, with tensors as `bundle.signature.DECODER_STEP` says."""
        # Counted on the device: a range would be made of a size, and sizes are on the host, where
        # ONNX Runtime then puts the nodes that reckon with them.
        positions = torch.ones_like(encoder_states[:, :, 0], dtype=torch.int32).cumsum(
            1, dtype=torch.int32
        )
        mask = (positions <= source_lengths.unsqueeze(1)).unsqueeze(1)
        index = parents.unsqueeze(2).expand(-1, -1, decoder_state.shape[2])
        inputs = self._read(previous_ids)
        state, features, attention = self.decoder.step(
            inputs.gates,
            self.decoder.unpack(decoder_state.gather(1, index)),
            Memory(encoder_states, projected_keys, mask),
        )
        logits = self.decoder.logits(features, inputs.readout)
        log_probs = logits.log_softmax(dim=2)
        best, token_ids = ranked(log_probs, candidate_ranks.shape[0])
        scored = log_probs.gather(2, scored_ids.unsqueeze(2))
        return token_ids, best, attention, self.decoder.pack(state), scored.squeeze(2)

    def _read(self, previous_ids: Tensor) -> Inputs:
        """Read tokens as the decoder does; the graph looks up what it makes of each word.

        ONNX Runtime computes what is made of constants alone when it opens a graph, so no step
        multiplies embeddings and the bundle holds no table.
        """
        embeddings = self.decoder.embedding.weight
        elements = len(embeddings) * self.decoder.embedded_gates.out_features
        if not torch.compiler.is_exporting() or elements > LARGEST_TABLE:
            return self.decoder.read(previous_ids)
        every = self.decoder.project(embeddings)
        return Inputs(*(functional.embedding(previous_ids, table) for table in every))


def ranked(log_probs: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Rank the best `count` words of float [batch, beam, vocabulary].

    In two rounds where the vocabulary allows it: words stand in columns, and the best are in the
    columns with the best maxima. A maximum over all words takes a fifth of the time of a ranking.

    Returns:
        log-probabilities and token ids [batch, beam, count], best first.
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
    """Give the axes of [batch, beam, ...] past the first two these sizes."""
    shape = (*tensor.shape[:2], *sizes)
    if torch.compiler.is_exporting():
        # 0 keeps a size where it is; the exporter would reckon with it on the host
        kept = torch.tensor([0, 0, *sizes[:-1], -1])
        symbolic: Tensor = torch.onnx.ops.symbolic(
            "Reshape", (tensor, kept), dtype=tensor.dtype, shape=shape, version=20
        )
        return symbolic
    return tensor.reshape(shape)


def _columns(words: int) -> int:
    """Return into how many columns words are put: as few as can be ranked, or one for each."""
    for columns in range(MOST_CANDIDATES, words // _LEAST_ROWS + 1):
        if words % columns == 0:
            return columns
    return words
