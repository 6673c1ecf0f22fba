"""The engine that keeps its rows in the memory of the device that runs the graphs."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import structlog
from numpy.typing import NDArray

from jumok.bundle.errors import BundleError
from jumok.bundle.manifest import Graphs, Precision
from jumok.bundle.signature import DECODER_STEP
from jumok.decoding.step_model import Encoded, Rows, StepInput
from jumok.runtime.device_rows import GRAPH_ID, NOT_CAPTURED, DeviceRows, Sessions
from jumok.runtime.engine import Engine
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.session import (
    CPU,
    CUDA,
    InferenceSession,
    RunOptions,
    arrange_graph,
    open_session,
)

_log = structlog.get_logger()
_DEVICES: Final = {CPU: "cpu", CUDA: "cuda"}


class ResidentEngine(Engine):
    """An `Engine` whose rows stay in the memory of the device that runs the graphs.

    `encode` leaves its outputs on the device, as `OrtValue`s that only the rows read.

    Attributes:
        captured: whether steps are replayed as CUDA graphs.
    """

    def __init__(
        self,
        folder: Path,
        graphs: Graphs,
        vocabulary: int,
        *,
        provider: str = CUDA,
        precision: Precision = "float32",
        threads: int = 0,
        read: Callable[[Path], bytes] = Path.read_bytes,
        capture: bool = True,
    ) -> None:
        """Open the graphs as `Engine` does.

        With `capture`, steps on CUDA are captured as CUDA graphs, if possible.

        Raises:
            RuntimeSetupError: the provider does not work here, or the model has other states than
                `DeviceRows` supports.
            BundleError: a graph cannot be opened or does not match its signature.
        """
        self._capture = capture and provider == CUDA
        self.captured = False
        self._device = _DEVICES[provider]
        if graphs.decoder_step.signature.states != DECODER_STEP.states:
            raise RuntimeSetupError(
                "this model's decoder states are not supported on CUDA: choose cpu"
            )
        arrange = open_session(arrange_graph(), provider, threads)
        super().__init__(
            folder,
            graphs,
            vocabulary,
            provider=provider,
            precision=precision,
            threads=threads,
            read=read,
        )
        if self._capture:  # steps from host arrays cannot be captured
            self._run_options = RunOptions()
            self._run_options.add_run_config_entry(GRAPH_ID, NOT_CAPTURED)
        ids = itertools.count(1).__next__ if self._capture else None
        self._sessions = Sessions(self._step, arrange, self._device, vocabulary, ids)
        if self._capture:
            self._try_capture()

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode as `Engine` does; the outputs stay on the device."""
        binding = self._encoder.io_binding()
        binding.bind_cpu_input("source_ids", source_ids)
        binding.bind_cpu_input("source_lengths", source_lengths)
        for name in self._encoder_names:
            binding.bind_output(name, self._device)
        self._encoder.run_with_iobinding(binding)
        tensors = dict(zip(self._encoder_names, binding.get_outputs(), strict=True))
        return Encoded(tensors, source_lengths)

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        """Create rows as `Engine` does, on the device."""
        return DeviceRows(self._sessions, self._encoder.get_outputs(), beam, width, capacity)

    def _open_step(self) -> InferenceSession:
        entry = self._graphs.decoder_step
        if self._capture:
            try:
                return self._open(entry, {"enable_cuda_graph": "1"})
            except (BundleError, RuntimeSetupError) as error:
                self._give_up_capture(error)
        return self._open(entry)

    def _try_capture(self) -> None:
        """Capture a step; if that fails, open the step again without CUDA graphs."""
        one = np.zeros((1, 1), dtype=np.int64)
        try:
            rows = self.rows(beam=1, width=2, capacity=1)
            rows.admit(0, self.encode(np.array([[4, 3]]), np.array([2], dtype=np.int32)), 0)
            for _ in range(4):  # capture, then replay, a step on each of the two state buffers
                rows.step(StepInput(one, one, one, 1))
                rows.advance()
            self.captured = True
        except Exception as error:  # ONNX Runtime has an exception class for each status
            self._give_up_capture(error)
            self._step = self._open_step()
            self._sessions = Sessions(
                self._step, self._sessions.arrange, self._device, self._vocabulary
            )

    def _give_up_capture(self, error: Exception) -> None:
        _log.warning("steps are not captured as CUDA graphs", reason=str(error))
        self._capture = False
