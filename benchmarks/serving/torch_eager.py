"""P1: PyTorch, eager, one step after the other."""

from collections.abc import Sequence

import torch

from benchmarks.serving.workload import Sentence
from decoding.batch_search import pad
from training.seq2seq import Seq2Seq


class TorchEager:
    """Translates greedily, as a training script does: `batch` sentences of like lengths at once."""

    def __init__(self, model: Seq2Seq, batch: int, begin: int) -> None:
        """Run `model`; a translation starts at `begin`."""
        self._model, self._batch, self._begin = model, batch, begin

    @torch.inference_mode()
    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all."""
        # sorted, so that a batch steps no longer than it must: its best case
        ordered = sorted(sentences, key=lambda sentence: sentence.length)
        for start in range(0, len(ordered), self._batch):
            self._translate(ordered[start : start + self._batch])

    def _translate(self, sentences: Sequence[Sentence]) -> None:
        decoder = self._model.decoder
        source_ids, lengths = pad([sentence.source for sentence in sentences])
        memory, state = self._model.encode(
            torch.from_numpy(source_ids), torch.from_numpy(lengths).long()
        )
        unpacked = decoder.unpack(state.unsqueeze(1))
        previous = torch.full((len(sentences), 1), self._begin)
        for _ in range(max(sentence.length for sentence in sentences)):
            inputs = decoder.read(previous)
            unpacked, features, attention = decoder.step(inputs.gates, unpacked, memory)
            logits = decoder.logits(features, inputs.readout)
            previous = logits.argmax(dim=2)
            attention.numpy()
            previous.numpy()
