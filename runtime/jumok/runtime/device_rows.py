"""Rows in device memory: encoder memory and decoder states stay there between steps."""

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.step_model import Encoded, Step, StepInput, Tensors
from jumok.runtime.session import InferenceSession, OrtValue, RunOptions

_MEMORY: Final = ("encoder_states", "projected_keys", "source_lengths")
_IDS: Final = ("previous_ids", "parents", "scored_ids")  # the first fields of `StepInput`
_OUTPUTS: Final = ("token_ids", "log_probs", "attention", "scored_log_probs")
GRAPH_ID: Final = "gpu_graph_id"
"""The run option that names the CUDA graph to capture or replay."""

NOT_CAPTURED: Final = "-1"
"""The value of `GRAPH_ID` for runs that are neither captured nor replayed."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions that `DeviceRows` runs.

    Attributes:
        step: session of the decoder step.
        arrange: session of `arrange.onnx`, which moves rows; see `deploy/make_arrange.py`.
        device: ONNX Runtime's name of the device that both run on.
        vocabulary: size of the target vocabulary, the maximum number of candidates.
        graph_id: returns an unused CUDA graph id for each new step shape; None if steps are not
            captured.
    """

    step: InferenceSession
    arrange: InferenceSession
    device: str
    vocabulary: int
    graph_id: Callable[[], int] | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """A step of one shape, bound to its buffers."""

    binding: Any
    options: RunOptions
    ids: list[OrtValue]
    outputs: list[OrtValue]


class DeviceRows:
    """`Rows` in the memory of a device.

    Each tensor has two buffers that are used in turn, because neither a step nor the arrange graph
    can work in place. Moves and admissions are collected and carried out together before the next
    step. The numbers of rows and of candidates are rounded up to powers of two, so that there are
    few shapes and few CUDA graphs to capture; surplus rows hold stale data, and their results are
    discarded.
    """

    def __init__(
        self, sessions: Sessions, encoded: Sequence[Any], beam: int, width: int, capacity: int
    ) -> None:
        """Create `capacity` rows of `beam` hypotheses and `width` source positions.

        `encoded` are the output descriptions of the encoder's session, for the sizes.
        """
        self._sessions, self._beam, self._width, self._capacity = sessions, beam, width, capacity
        sizes = {output.name: output.shape[-1] for output in encoded}
        buffers = {
            "encoder_states": _zeros(capacity, width, sizes["encoder_states"]),
            "projected_keys": _zeros(capacity, width, sizes["projected_keys"]),
            "source_lengths": np.ones(capacity, dtype=np.int32),
            "decoder_state": _zeros(capacity, beam, sizes["decoder_state"]),
        }
        self._types = {name: buffer.dtype.type for name, buffer in buffers.items()}
        self._buffers = {
            name: [self._value(buffer.copy()) for _ in range(2)] for name, buffer in buffers.items()
        }
        self._memory_at = self._state_at = 0  # which of the two buffers is in use
        self._index = np.arange(capacity)
        self._nothing = Encoded(  # admitted when rows only move
            {
                "encoder_states": _zeros(1, 1, sizes["encoder_states"]),
                "projected_keys": _zeros(1, 1, sizes["projected_keys"]),
                "decoder_state": _zeros(1, sizes["decoder_state"]),
            },
            np.ones(1, dtype=np.int32),
        )
        self._memory_on_host: Tensors = {}  # copies for posterior attention
        self._joined = self._nothing
        self._calls: dict[tuple[int, ...], _Call] = {}
        self._graph_ids: list[int] = []
        weakref.finalize(self, _forget, sessions.step, self._graph_ids).atexit = False

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """See `Rows.admit`; the encoded tensors may be on the device, except the lengths."""
        if self._joined is not encoded and self._joined is not self._nothing:
            self._arrange()
        self._joined = encoded
        self._index[row] = self._capacity + sentence

    def move(self, row: int, to: int) -> None:
        """See `Rows.move`."""
        self._index[to] = self._index[row]

    def step(self, inputs: StepInput) -> Step:
        """See `Rows.step`; the states stay on the device, so the result has none."""
        self._arrange()
        count, candidates = len(inputs.previous_ids), inputs.candidates
        call = self._call(
            min(_rounded_up(count), self._capacity),
            min(_rounded_up(candidates), self._sessions.vocabulary),
        )
        for value, ids in zip(call.ids, inputs[: len(_IDS)], strict=True):
            rows = np.zeros(value.shape(), dtype=np.int64)
            rows[:count] = ids
            value.update_inplace(rows)
        self._sessions.step.run_with_iobinding(call.binding, call.options)
        # Copy, because searches keep the arrays, and on the CPU they are views of the buffers.
        token_ids, log_probs, attention, scored = (
            value.numpy()[:count].copy() for value in call.outputs
        )
        return Step(
            token_ids[:, :, :candidates],
            log_probs[:, :, :candidates],
            attention,
            scored,
            {},
        )

    def advance(self) -> None:
        """See `Rows.advance`."""
        self._state_at = 1 - self._state_at

    def carried(self, rows: Sequence[int]) -> Tensors:
        """See `Rows.carried`; copies all rows to the host, the memory only if it changed."""
        if not self._memory_on_host:
            self._memory_on_host = {
                name: self._buffers[name][self._memory_at].numpy() for name in _MEMORY
            }
        tensors = {name: buffer[list(rows)] for name, buffer in self._memory_on_host.items()}
        states = self._buffers["decoder_state"][self._state_at].numpy()
        return {**tensors, "decoder_state": states[list(rows)]}

    def _arrange(self) -> None:
        """Carry out the collected moves and admissions."""
        if (self._index == np.arange(self._capacity)).all():
            return
        binding = self._sessions.arrange.io_binding()
        for name, buffers in self._buffers.items():
            at = self._state_at if name == "decoder_state" else self._memory_at
            binding.bind_ortvalue_input(name, buffers[at])
            binding.bind_ortvalue_output(f"arranged_{name}", buffers[1 - at])
            joined = self._joined.source_lengths if name == "source_lengths" else self._joined[name]
            if isinstance(joined, OrtValue):
                binding.bind_ortvalue_input(f"joined_{name}", joined)
            else:
                binding.bind_cpu_input(f"joined_{name}", joined)
        states = self._joined["encoder_states"]
        source = (states.shape() if isinstance(states, OrtValue) else states.shape)[1]
        binding.bind_cpu_input("index", self._index)
        binding.bind_cpu_input("padding", np.array([0, 0, 0, 0, self._width - source, 0]))
        self._sessions.arrange.run_with_iobinding(binding)
        self._memory_at, self._state_at = 1 - self._memory_at, 1 - self._state_at
        self._index, self._joined = np.arange(self._capacity), self._nothing
        self._memory_on_host = {}

    def _call(self, rows: int, candidates: int) -> _Call:
        """Return the step of this shape, bound to the buffers now in use."""
        key = rows, candidates, self._memory_at, self._state_at
        if (call := self._calls.get(key)) is not None:
            return call
        binding, device = self._sessions.step.io_binding(), self._sessions.device
        for name in (*_MEMORY, "decoder_state"):
            at = self._state_at if name == "decoder_state" else self._memory_at
            binding.bind_input(name, *self._prefix(name, at, rows))
        binding.bind_output(
            "next_decoder_state", *self._prefix("decoder_state", 1 - self._state_at, rows)
        )
        ids = [self._value(np.zeros((rows, self._beam), dtype=np.int64)) for _ in _IDS]
        ranks = self._value(np.arange(candidates))
        for name, value in zip((*_IDS, "candidate_ranks"), (*ids, ranks), strict=True):
            binding.bind_ortvalue_input(name, value)
        outputs = [
            OrtValue.ortvalue_from_shape_and_type((rows, self._beam, *sizes), kind, device, 0)
            for sizes, kind in (
                ((candidates,), np.int64),
                ((candidates,), np.float32),
                ((self._width,), np.float32),
                ((), np.float32),
            )
        ]
        for name, value in zip(_OUTPUTS, outputs, strict=True):
            binding.bind_ortvalue_output(name, value)
        options = RunOptions()
        if self._sessions.graph_id is not None:
            graph_id = self._sessions.graph_id()
            self._graph_ids.append(graph_id)
            options.add_run_config_entry(GRAPH_ID, str(graph_id))
        call = self._calls[key] = _Call(binding, options, ids, outputs)
        return call

    def _prefix(self, name: str, at: int, rows: int) -> tuple[Any, ...]:
        """Describe the first rows of a buffer for `bind_input` and `bind_output`."""
        buffer = self._buffers[name][at]
        shape = [rows, *buffer.shape()[1:]]
        return self._sessions.device, 0, self._types[name], shape, buffer.data_ptr()

    def _value(self, array: NDArray[Any]) -> OrtValue:
        return OrtValue.ortvalue_from_numpy(array, self._sessions.device, 0)


def _zeros(*shape: int) -> NDArray[np.float32]:
    return np.zeros(shape, dtype=np.float32)


def _rounded_up(count: int) -> int:
    """Round up to a power of two."""
    return 1 << (count - 1).bit_length()


def _forget(session: InferenceSession, graph_ids: list[int]) -> None:
    """Release CUDA graphs whose buffers no longer exist."""
    for graph_id in graph_ids:
        session.release_captured_graph(graph_id)
