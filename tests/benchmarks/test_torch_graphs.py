from collections.abc import Callable

import pytest
import torch

from benchmarks.serving.model import TOKENIZER, make_model
from benchmarks.serving.torch_eager import TorchEager
from benchmarks.serving.torch_graphs import TorchGraphs
from benchmarks.serving.workload import make_workload, tokens
from jumok.bundle.tokenizer import Tokenizer
from jumok.training.network.seq2seq import Seq2Seq


class Recording:
    """Capture nothing, but count captures and record the model's choices."""

    def __init__(self, model: Seq2Seq, monkeypatch: pytest.MonkeyPatch) -> None:
        self.captured = self.replayed = 0
        self.written: list[list[int]] = []
        logits = model.decoder.logits

        def choose(features: torch.Tensor, readout: torch.Tensor) -> torch.Tensor:
            found = logits(features, readout)
            self.written.append(found.argmax(dim=2).flatten().tolist())
            return found

        monkeypatch.setattr(model.decoder, "logits", choose)

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        self.captured += 1

        def replay() -> None:
            self.replayed += 1
            work()

        return replay


def test_replayed_steps_equal_eager_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replayed steps give the same tokens as eager ones; each shape is captured once."""
    tokenizer = Tokenizer.load(TOKENIZER)
    workload = make_workload(16, tokenizer)
    model = make_model(tokenizer, 500)
    workload = [
        type(sentence)(sentence.text, tuple(n % 500 for n in sentence.source), sentence.length)
        for sentence in workload
    ]
    recording = Recording(model, monkeypatch)
    begin = tokenizer.special_ids.begin
    TorchEager(model, 4, begin).run(workload)
    eager = recording.written.copy()
    recording.written.clear()
    graphs = TorchGraphs(model, 4, begin, recording.capture)
    graphs.run(workload)
    assert recording.written == eager
    assert recording.replayed == len(eager) < tokens(workload)
    assert 1 <= recording.captured <= 4
    before = recording.captured
    graphs.run(workload)
    assert recording.captured == before
