"""Rows that stay on a device: what a step is given is there already, and its states stay there."""

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.step_model import Encoded, Step, StepInput, Tensors
from jumok.runtime.session import InferenceSession, OrtValue, RunOptions

_MEMORY: Final = ("encoder_states", "projected_keys", "source_lengths")
_ASKED: Final = ("previous_ids", "parents", "scored_ids")
GRAPH_ID: Final = "gpu_graph_id"
"""The entry of run options that names the CUDA graph to capture or to replay."""

NOT_CAPTURED: Final = "-1"
"""The CUDA graph of runs that are neither captured nor replayed, such as those of host arrays."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """What `DeviceRows` runs.

    Attributes:
        step: the decoder step.
        arrange: `service/arrange.onnx`.
        device: name of the device of both, as ONNX Runtime calls it.
        vocabulary: the most candidates.
        graph_id: gives each kind of call an id of its own to be captured by, as CUDA graph; None
            where nothing is captured.
    """

    step: InferenceSession
    arrange: InferenceSession
    device: str
    vocabulary: int
    graph_id: Callable[[], int] | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """A step of one shape, bound to its buffers once and for all."""

    binding: Any
    options: RunOptions
    asked: list[OrtValue]
    given: list[OrtValue]


class DeviceRows:
    """`Rows` in the memory of a device.

    There are two buffers of everything, which take turns, for neither a step nor an arrangement can
    work in place. Rows are moved and admitted all at once, before the next step. The number of rows
    that are stepped, and that of candidates, are rounded up to powers of two: the fewer shapes, the
    fewer graphs are captured. What stands in the rows too many is old and of no account.
    """

    def __init__(
        self, sessions: Sessions, encoded: Sequence[Any], beam: int, width: int, capacity: int
    ) -> None:
        """Make `capacity` rows of `beam` hypotheses and `width` source positions.

        `encoded` are the outputs of the encoder's session, which have the sizes.
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
        self._memory_at = self._state_at = 0  # which of the two is in use
        self._index = np.arange(capacity)
        self._nobody = Encoded(
            {
                "encoder_states": _zeros(1, 1, sizes["encoder_states"]),
                "projected_keys": _zeros(1, 1, sizes["projected_keys"]),
                "decoder_state": _zeros(1, sizes["decoder_state"]),
            },
            np.ones(1, dtype=np.int32),
        )
        self._memory_on_host: Tensors = {}  # fetched for posterior attention
        self._joined = self._nobody
        self._calls: dict[tuple[int, ...], _Call] = {}
        self._graph_ids: list[int] = []
        weakref.finalize(self, _forget, sessions.step, self._graph_ids).atexit = False

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """As `Rows.admit`; what is encoded may be on the device, but for its lengths."""
        if self._joined is not encoded and self._joined is not self._nobody:
            self._arrange()
        self._joined = encoded
        self._index[row] = self._capacity + sentence

    def move(self, row: int, to: int) -> None:
        """As `Rows.move`."""
        self._index[to] = self._index[row]

    def step(self, inputs: StepInput) -> Step:
        """As `Rows.step`; the states do not leave the device, so it returns none."""
        self._arrange()
        count, candidates = len(inputs.previous_ids), inputs.candidates
        call = self._call(
            min(_rounded_up(count), self._capacity),
            min(_rounded_up(candidates), self._sessions.vocabulary),
        )
        for value, ids in zip(call.asked, inputs[: len(_ASKED)], strict=True):
            rows = np.zeros(value.shape(), dtype=np.int64)
            rows[:count] = ids
            value.update_inplace(rows)
        self._sessions.step.run_with_iobinding(call.binding, call.options)
        # copied: those who read it keep it, and where the device is the processor it is the buffer
        token_ids, log_probs, attention, scored = (
            value.numpy()[:count].copy() for value in call.given
        )
        return Step(
            token_ids[:, :, :candidates],
            log_probs[:, :, :candidates],
            attention,
            scored,
            {},
        )

    def advance(self) -> None:
        """As `Rows.advance`."""
        self._state_at = 1 - self._state_at

    def carried(self, rows: Sequence[int]) -> Tensors:
        """As `Rows.carried`; all rows are fetched for it, their memory once until it changes."""
        if not self._memory_on_host:
            self._memory_on_host = {
                name: self._buffers[name][self._memory_at].numpy() for name in _MEMORY
            }
        tensors = {name: buffer[list(rows)] for name, buffer in self._memory_on_host.items()}
        states = self._buffers["decoder_state"][self._state_at].numpy()
        return {**tensors, "decoder_state": states[list(rows)]}

    def _arrange(self) -> None:
        """Move rows, and let those join that were admitted."""
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
        self._index, self._joined = np.arange(self._capacity), self._nobody
        self._memory_on_host = {}

    def _call(self, rows: int, candidates: int) -> _Call:
        """Bind a step of a shape to the buffers whose turn it is, or find it bound."""
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
        asked = [self._value(np.zeros((rows, self._beam), dtype=np.int64)) for _ in _ASKED]
        ranks = self._value(np.arange(candidates))
        for name, value in zip((*_ASKED, "candidate_ranks"), (*asked, ranks), strict=True):
            binding.bind_ortvalue_input(name, value)
        given = [
            OrtValue.ortvalue_from_shape_and_type((rows, self._beam, *sizes), kind, device, 0)
            for sizes, kind in (
                ((candidates,), np.int64),
                ((candidates,), np.float32),
                ((self._width,), np.float32),
                ((), np.float32),
            )
        ]
        names = ("token_ids", "log_probs", "attention", "scored_log_probs")
        for name, value in zip(names, given, strict=True):
            binding.bind_ortvalue_output(name, value)
        options = RunOptions()
        if self._sessions.graph_id is not None:
            graph_id = self._sessions.graph_id()
            self._graph_ids.append(graph_id)
            options.add_run_config_entry(GRAPH_ID, str(graph_id))
        call = self._calls[key] = _Call(binding, options, asked, given)
        return call

    def _prefix(self, name: str, at: int, rows: int) -> tuple[Any, ...]:
        """Say where the first rows of a buffer are, as bindings want it."""
        buffer = self._buffers[name][at]
        shape = [rows, *buffer.shape()[1:]]
        return self._sessions.device, 0, self._types[name], shape, buffer.data_ptr()

    def _value(self, array: NDArray[Any]) -> OrtValue:
        return OrtValue.ortvalue_from_numpy(array, self._sessions.device, 0)


def _zeros(*shape: int) -> NDArray[np.float32]:
    return np.zeros(shape, dtype=np.float32)


def _rounded_up(count: int) -> int:
    """Return the power of two that is no smaller."""
    return 1 << (count - 1).bit_length()


def _forget(session: InferenceSession, graph_ids: list[int]) -> None:
    """Say that what was captured on buffers that are no more can be released."""
    for graph_id in graph_ids:
        session.release_captured_graph(graph_id)
