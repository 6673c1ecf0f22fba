"""P2: a plain ONNX Runtime loop, as in tutorials: NumPy in and out, one sentence at a time."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim

from benchmarks.serving.provider import Provider
from benchmarks.serving.workload import Sentence
from jumok.decoding.batch_search import pad
from jumok.training.network.attention import Memory
from jumok.training.network.decoder import Decoder
from jumok.training.network.seq2seq import Seq2Seq

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime


class TutorialStep(nn.Module):
    """A decoder step that returns the log-probabilities of the whole vocabulary."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(
        self,
        previous_ids: Tensor,
        decoder_state: Tensor,
        encoder_states: Tensor,
        projected_keys: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Read int64 [1, 1]; return log-probabilities, attention and the next state."""
        mask = torch.ones_like(encoder_states[:, :, 0], dtype=torch.bool).unsqueeze(1)
        inputs = self.decoder.read(previous_ids)
        state, features, attention = self.decoder.step(
            inputs.gates,
            self.decoder.unpack(decoder_state),
            Memory(encoder_states, projected_keys, mask),
        )
        log_probs = self.decoder.logits(features, inputs.readout).log_softmax(dim=2)
        return log_probs, attention, self.decoder.pack(state)


class OnnxLoop:
    """Translates greedily, with the argmax in NumPy."""

    def __init__(
        self, model: Seq2Seq, encoder: Path, folder: Path, begin: int, provider: Provider
    ) -> None:
        """Load the encoder's graph and a step exported to `folder`, with default options."""
        step = folder / "tutorial_step.onnx"
        _export(model, step)
        providers = ["CPUExecutionProvider"]
        if provider == "cuda":
            providers.insert(0, "CUDAExecutionProvider")
        self._encoder, self._step = (
            onnxruntime.InferenceSession(graph, providers=providers) for graph in (encoder, step)
        )
        self._begin = begin

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all sentences."""
        for sentence in sentences:
            source_ids, lengths = pad([sentence.source])
            states, keys, state = self._encoder.run(
                None, {"source_ids": source_ids, "source_lengths": lengths}
            )
            state = state[:, None]
            previous = np.full((1, 1), self._begin)
            for _ in range(sentence.length):
                log_probs, _attention, state = self._step.run(
                    None,
                    {
                        "previous_ids": previous,
                        "decoder_state": state,
                        "encoder_states": states,
                        "projected_keys": keys,
                    },
                )
                previous = log_probs.argmax(axis=2)


def _export(model: Seq2Seq, path: Path) -> None:
    memory, state = model.encode(torch.full((1, 5), 4), torch.tensor([5]))
    source = Dim("source")
    program = torch.onnx.export(
        TutorialStep(model.decoder).eval(),
        (
            torch.zeros(1, 1, dtype=torch.int64),
            state.unsqueeze(1),
            memory.encoder_states,
            memory.projected_keys.clone(),
        ),
        dynamo=True,
        opset_version=20,
        input_names=["previous_ids", "decoder_state", "encoder_states", "projected_keys"],
        output_names=["log_probs", "attention", "next_state"],
        dynamic_shapes=({}, {}, {1: source}, {1: source}),
        verbose=False,
    )
    assert program is not None
    program.save(path)
