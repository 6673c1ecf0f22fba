"""P1 on a GPU with CUDA graphs: PyTorch, each step replayed as a graph."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from benchmarks.serving.torch_eager import TorchEager
from jumok.training.network.attention import Memory
from jumok.training.network.decoder import Decoder
from jumok.training.network.seq2seq import Seq2Seq

Work = Callable[[], None]


class TorchGraphs(TorchEager):
    """Like `TorchEager`, but captures a step as a graph when its shape first occurs.

    Sources are padded to a power of two, so that few graphs are captured.
    """

    def __init__(
        self, model: Seq2Seq, batch: int, begin: int, capture: Callable[[Work], Work] | None = None
    ) -> None:
        """Run `model`; `capture` turns work on fixed buffers into a function that replays it."""
        super().__init__(model, batch, begin)
        self._capture = capture or _cuda_graph
        self._steps: dict[tuple[int, ...], _CapturedStep] = {}

    def _source(self, source_ids: Tensor) -> Tensor:
        length = source_ids.shape[1]
        return super()._source(pad(source_ids, (0, (1 << (length - 1).bit_length()) - length)))

    def _decode(self, memory: Memory, state: Tensor, steps: int) -> None:
        shape = tuple(memory.encoder_states.shape)
        if (step := self._steps.get(shape)) is None:
            step = _CapturedStep(self._model.decoder, memory, state, self._capture)
            self._steps[shape] = step
        step.start(memory, state, self._begin)
        for _ in range(steps):
            step.replay()
            step.attention.cpu().numpy()
            step.previous.cpu().numpy()


class _CapturedStep:
    """A step on fixed buffers.

    Attributes:
        previous: int64 [batch, 1], the tokens of the last step.
        attention: float32 [batch, 1, source], the attention of the last step.
        replay: runs the step.
    """

    def __init__(
        self, decoder: Decoder, memory: Memory, state: Tensor, capture: Callable[[Work], Work]
    ) -> None:
        self._decoder = decoder
        self._memory = Memory(*(tensor.clone() for tensor in memory))
        self._state = state.clone()
        self.previous = torch.zeros(len(state), 1, dtype=torch.int64, device=state.device)
        self.attention = torch.zeros_like(self._memory.mask, dtype=torch.float32)
        self.replay = capture(self._step)

    def start(self, memory: Memory, state: Tensor, begin: int) -> None:
        for ours, theirs in zip((*self._memory, self._state), (*memory, state), strict=True):
            ours.copy_(theirs)
        self.previous.fill_(begin)

    def _step(self) -> None:
        decoder = self._decoder
        inputs = decoder.read(self.previous)
        state, features, attention = decoder.step(
            inputs.gates, decoder.unpack(self._state), self._memory
        )
        self.previous.copy_(decoder.logits(features, inputs.readout).argmax(dim=2))
        self._state.copy_(decoder.pack(state))
        self.attention.copy_(attention)


def _cuda_graph(work: Work) -> Work:
    # work must have run before it is captured, on a stream other than the default one
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    replay: Work = graph.replay
    return replay
