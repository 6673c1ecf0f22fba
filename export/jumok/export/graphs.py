"""The encoder's graph as a module: the trained model with the signature of the bundle.

The other graph is `training.ranked_step.RankedStep`.
"""

from typing import Any, Final

import torch
from torch import Tensor, nn

from jumok.training.network.seq2seq import Seq2Seq

_OPS: Final = {nn.GRU: ("GRU", 14), nn.LSTM: ("LSTM", 14)}
_GATES: Final = {nn.GRU: (1, 0, 2), nn.LSTM: (0, 3, 1, 2)}
"""ONNX's order of torch's gates: z, r, h of r, z, n; and i, o, f, c of i, f, g, o."""


class EncoderGraph(nn.Module):
    """The encoder with ONNX's recurrent operators.

    The exporter does not support packed sequences, and without true lengths the backward direction
    would read padding first. Therefore the ONNX operator is used directly, with `sequence_lens`.
    """

    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.encoder, self.decoder = model.encoder, model.decoder
        self.layers = nn.ModuleList(_Layer(rnn) for rnn in self.encoder.layers)

    def forward(self, source_ids: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Encode int64 [batch, source] of true lengths int32 [batch].

        Returns:
            encoder_states, projected_keys, decoder_state; see `jumok.bundle.signature.ENCODER`.
        """
        embedded = states = self.encoder.embedding(source_ids).transpose(0, 1)
        for number, layer in enumerate(self.layers):
            outputs, final = layer(states, source_lengths)
            states = states + outputs if self.encoder.residual and number else outputs
        if self.encoder.lexical:
            states = torch.cat((states, embedded), dim=2)
        encoder_states = states.transpose(0, 1)
        positions = torch.arange(source_ids.shape[1])
        mask = (positions < source_lengths.unsqueeze(1)).unsqueeze(1)
        memory = self.decoder.attention.remember(encoder_states, mask)
        state = self.decoder.initial_state(self.encoder.first_state(final))
        return encoder_states, memory.projected_keys + 0, state


class _Layer(nn.Module):
    """One recurrent layer, unidirectional or bidirectional."""

    def __init__(self, rnn: nn.Module) -> None:
        super().__init__()
        assert isinstance(rnn, nn.GRU | nn.LSTM)
        self.kind, self.size = type(rnn), rnn.hidden_size
        directions = [""] + ["_reverse"] * rnn.bidirectional
        self.directions = len(directions)
        weights = [_onnx_gates(rnn, suffix) for suffix in directions]
        self.input_weights = nn.Buffer(torch.stack([w for w, _, _ in weights]))
        self.recurrent_weights = nn.Buffer(torch.stack([r for _, r, _ in weights]))
        self.biases = nn.Buffer(torch.stack([b for _, _, b in weights]))

    def forward(self, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Read float [source, batch, features] of true lengths int32 [batch].

        Returns:
            Outputs float [source, batch, directions · size], and the final output of each
            direction, float [direction, batch, size].
        """
        op, version = _OPS[self.kind]
        source, batch, _ = inputs.shape
        final = (self.directions, batch, self.size)
        attributes: dict[str, Any] = {
            "direction": "bidirectional" if self.directions == 2 else "forward",
            "hidden_size": self.size,
        }
        if self.kind is nn.GRU:
            # torch applies the reset gate after the recurrent product, ONNX by default before it
            attributes["linear_before_reset"] = 1
        outputs, last, *_ = torch.onnx.ops.symbolic_multi_out(
            op,
            (inputs, self.input_weights, self.recurrent_weights, self.biases, lengths),
            attrs=attributes,
            dtypes=(torch.float32,) * (2 if self.kind is nn.GRU else 3),
            shapes=((source, self.directions, batch, self.size), final, final)[
                : 2 if self.kind is nn.GRU else 3
            ],
            version=version,
        )
        return outputs.permute(0, 2, 1, 3).flatten(2), last


def _onnx_gates(rnn: nn.GRU | nn.LSTM, suffix: str) -> tuple[Tensor, Tensor, Tensor]:
    """Return a direction's input weights, recurrent weights and biases in ONNX's order of gates."""
    order = _GATES[type(rnn)]

    def reorder(name: str) -> Tensor:
        gates = getattr(rnn, f"{name}_l0{suffix}").detach().chunk(len(order))
        return torch.cat([gates[gate] for gate in order])

    biases = torch.cat((reorder("bias_ih"), reorder("bias_hh")))
    return reorder("weight_ih"), reorder("weight_hh"), biases
