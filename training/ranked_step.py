"""The decoder step with its ranking of what may follow: what the second graph computes."""

import torch
from torch import Tensor, nn

from training.attention import Memory
from training.decoder import Decoder


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
        inputs = self.decoder.read(previous_ids)
        state, features, attention = self.decoder.step(
            inputs.gates,
            self.decoder.unpack(decoder_state.gather(1, index)),
            Memory(encoder_states, projected_keys, mask),
        )
        logits = self.decoder.logits(features, inputs.readout)
        # The normaliser is one number a row: no log-softmax over the vocabulary is written.
        # It is spelt out because ONNX Runtime's ReduceLogSumExp adds one number after the other:
        # over 8,000 words that is off by 1e-4.
        best, token_ids = logits.topk(candidate_ranks.shape[0], dim=2)
        largest = best[:, :, :1]
        normaliser = largest + (logits - largest).exp().sum(dim=2, keepdim=True).log()
        scored = logits.gather(2, scored_ids.unsqueeze(2)) - normaliser
        return (
            token_ids,
            best - normaliser,
            attention,
            self.decoder.pack(state),
            scored.squeeze(2),
        )
