"""The engine on a device that has memory of its own: what sentences carry stays there."""

import itertools
from importlib.resources import files
from typing import Literal

import numpy as np
import structlog
from numpy.typing import NDArray

from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Precision
from jumok.decoding.step_model import Encoded
from jumok.runtime.device_rows import DeviceRows, Sessions
from jumok.runtime.engine import Engine
from jumok.runtime.rows import Rows
from jumok.service.config import ServiceConfig

_log = structlog.get_logger()
_DEVICES = {"CPUExecutionProvider": "cpu", "CUDAExecutionProvider": "cuda"}


class ResidentEngine(Engine):
    """An `Engine` whose rows are in the memory of the device that runs the graphs.

    `encode` leaves its tensors there, so they are values of ONNX Runtime and no arrays; rows and
    `step` take them as they are.

    Attributes:
        captured: whether steps are replayed as CUDA graphs.
    """

    def __init__(
        self,
        bundle: Bundle,
        provider: Literal["auto", "cpu", "cuda"] = "auto",
        threads: int = 0,
        precision: Literal["auto", Precision] = "auto",
        cuda_graphs: bool = True,
    ) -> None:
        """Open the graphs of `bundle` as `Engine` does.

        With `cuda_graphs`, steps are captured as CUDA graphs, where that works.
        """
        super().__init__(bundle, provider, threads, precision)
        self._device = _DEVICES[self.provider]
        arrange = self._session(files("jumok.runtime").joinpath("arrange.onnx").read_bytes())
        vocabulary = bundle.target_tokenizer.vocabulary_size
        self._sessions = Sessions(self._step, arrange, self._device, vocabulary)
        self.captured = False
        if cuda_graphs and self._device == "cuda":
            self._capture(bundle)

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """As `Engine.encode`; but for the lengths, what it returns is on the device."""
        binding = self._encoder.io_binding()
        binding.bind_cpu_input("source_ids", source_ids)
        binding.bind_cpu_input("source_lengths", source_lengths)
        for output in self._encoder.get_outputs():
            binding.bind_output(output.name, self._device)
        self._encoder.run_with_iobinding(binding)
        states, keys, state = binding.get_outputs()
        return Encoded(states, keys, state, source_lengths)

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        """As `Engine.rows`, on the device."""
        return DeviceRows(self._sessions, self.sizes, beam, width, capacity)

    def _capture(self, bundle: Bundle) -> None:
        """Step by CUDA graphs if one can be captured here."""
        entry = bundle.manifest.precisions[self.precision].decoder_step
        one = np.zeros((1, 1), dtype=np.int64)
        plain, provider = self._sessions, self.provider
        try:
            step = self._open(bundle, entry, {"enable_cuda_graph": "1"})
            if self.provider != provider:
                raise RuntimeError(f"it would run on {self.provider}")
            self._sessions = Sessions(
                step, plain.arrange, plain.device, plain.vocabulary, itertools.count(1).__next__
            )
            rows = self.rows(beam=1, width=2, capacity=1)
            rows.admit(0, self.encode(np.array([[4, 3]]), np.array([2], dtype=np.int32)), 0)
            for _ in range(4):  # two states in turn, each to be captured and to be replayed
                rows.step(one, one, one, candidates=1)
                rows.advance()
            self.captured = True
        except Exception as error:  # ONNX Runtime raises classes of its own for each status
            _log.warning("steps are not captured as CUDA graphs", reason=str(error))
            self._sessions, self.provider = plain, provider


def open_engine(bundle: Bundle, config: ServiceConfig) -> Engine:
    """Open the engine that suits where the graphs run.

    Raises:
        StartupError: what is asked for does not work here.
        BundleError: the bundle's graphs are not what its manifest says.
    """
    options = bundle, config.provider, config.threads, config.precision
    engine = Engine(*options)
    if _DEVICES[engine.provider] == "cpu":
        return engine
    del engine  # before the next one takes as much of the device
    return ResidentEngine(*options, config.cuda_graphs)
