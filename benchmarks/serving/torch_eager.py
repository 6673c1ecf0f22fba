"""P1: PyTorch in eager mode."""

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmarks.serving.workload import Sentence
from jumok.decoding.batch_search import pad
from jumok.training.network.attention import Memory
from jumok.training.network.seq2seq import Seq2Seq


class TorchEager:
    """Translates greedily in batches of sentences of similar length, as a training script does."""

    def __init__(self, model: Seq2Seq, batch: int, begin: int) -> None:
        """Run `model` on the device of its weights; `begin` is the first token id."""
        self._model, self._batch, self._begin = model, batch, begin
        self._device = next(model.parameters()).device

    @torch.inference_mode()
    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all sentences."""
        # sorted by length to waste the fewest steps: the best case of static batching
        ordered = sorted(sentences, key=lambda sentence: sentence.length)
        for start in range(0, len(ordered), self._batch):
            some = ordered[start : start + self._batch]
            source_ids, lengths = pad([sentence.source for sentence in some])
            memory, state = self._model.encode(
                self._source(torch.from_numpy(source_ids)), torch.from_numpy(lengths).long()
            )
            self._decode(memory, state.unsqueeze(1), max(sentence.length for sentence in some))

    def _source(self, source_ids: Tensor) -> Tensor:
        return source_ids.to(self._device)

    def _decode(self, memory: Memory, state: Tensor, steps: int) -> None:
        """Generate `steps` tokens from a packed state [batch, 1, state]."""
        decoder = self._model.decoder
        unpacked = decoder.unpack(state)
        previous = torch.full((len(state), 1), self._begin, device=self._device)
        for _ in range(steps):
            inputs = decoder.read(previous)
            unpacked, features, attention = decoder.step(inputs.gates, unpacked, memory)
            logits = decoder.logits(features, inputs.readout)
            previous = logits.argmax(dim=2)
            attention.cpu().numpy()
            previous.cpu().numpy()
