"""The two graphs as modules: the signatures of the bundle around the trained model."""

import torch
from torch import Tensor, nn

from training.decoder import Memory
from training.seq2seq import Seq2Seq


class EncoderGraph(nn.Module):
    """The encoder with the recurrent op of ONNX.

    The exporter refuses packed sequences, and without the true lengths the backward direction
    would read padding first. So the GRU op is spelt out, with `sequence_lens`.
    """

    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.encoder, self.decoder = model.encoder, model.decoder
        weights = [_onnx_gates(self.encoder.rnn, suffix) for suffix in ("", "_reverse")]
        self.input_weights = nn.Buffer(torch.stack([w for w, _, _ in weights]))
        self.recurrent_weights = nn.Buffer(torch.stack([r for _, r, _ in weights]))
        self.biases = nn.Buffer(torch.stack([b for _, _, b in weights]))

    def forward(self, source_ids: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Encode int64 [batch, source] of true lengths int32 [batch].

        Returns:
            encoder_states, projected_keys, decoder_state, as `bundle.signature.ENCODER` says.
        """
        batch, source = source_ids.shape
        hidden = self.encoder.rnn.hidden_size
        embedded = self.encoder.embedding(source_ids).transpose(0, 1)
        outputs, final = torch.onnx.ops.symbolic_multi_out(
            "GRU",
            (
                embedded,
                self.input_weights,
                self.recurrent_weights,
                self.biases,
                source_lengths,
            ),
            # torch applies the reset gate after the recurrent product, ONNX by default before it
            attrs={"direction": "bidirectional", "hidden_size": hidden, "linear_before_reset": 1},
            dtypes=(torch.float32, torch.float32),
            shapes=((source, 2, batch, hidden), (2, batch, hidden)),
            version=14,
        )
        encoder_states = outputs.permute(2, 0, 1, 3).flatten(2)
        keys = self.decoder.attention.project_keys(encoder_states)
        state = self.decoder.initial_state(self.encoder.first_state(final))
        return encoder_states, keys, state


class DecoderStepGraph(nn.Module):
    """One step of the decoder: reorders hypotheses, reads a token each, ranks what may follow."""

    def __init__(self, model: Seq2Seq, candidates: int) -> None:
        super().__init__()
        self.decoder = model.decoder
        self.candidates = candidates

    def forward(
        self,
        previous_ids: Tensor,
        parents: Tensor,
        decoder_state: Tensor,
        encoder_states: Tensor,
        projected_keys: Tensor,
        source_lengths: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Step, with tensors as `bundle.signature.DECODER_STEP` says."""
        positions = torch.arange(encoder_states.shape[1])
        mask = (positions < source_lengths.unsqueeze(1)).unsqueeze(1)
        index = parents.unsqueeze(2).expand(-1, -1, decoder_state.shape[2])
        state, attention = self.decoder.step(
            self.decoder.embed(previous_ids),
            decoder_state.gather(1, index),
            Memory(encoder_states, projected_keys, mask),
        )
        logits = self.decoder.logits(state)
        # The normaliser is one number a row: no log-softmax over the vocabulary is written.
        # It is spelt out because ONNX Runtime's ReduceLogSumExp adds one number after the other:
        # over 8,000 words that is off by 1e-4.
        best, token_ids = logits.topk(self.candidates, dim=2)
        largest = best[:, :, :1]
        normaliser = (logits - largest).exp().sum(dim=2, keepdim=True).log()
        return token_ids, best - largest - normaliser, attention, state


def _onnx_gates(rnn: nn.GRU, suffix: str) -> tuple[Tensor, Tensor, Tensor]:
    """Reorder a direction's weights from torch's gates (reset, update, new) to ONNX's (z, r, h)."""

    def reorder(name: str) -> Tensor:
        reset, update, new = getattr(rnn, f"{name}_l0{suffix}").detach().chunk(3)
        return torch.cat((update, reset, new))

    biases = torch.cat((reorder("bias_ih"), reorder("bias_hh")))
    return reorder("weight_ih"), reorder("weight_hh"), biases
