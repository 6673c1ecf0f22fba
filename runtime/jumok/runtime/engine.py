"""The engine: the two graphs on ONNX Runtime."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import GraphEntry, Precision
from jumok.bundle.signature import DYNAMIC_AXES
from jumok.decoding.step_model import Encoded, Step
from jumok.runtime.rows import HostRows, Rows, Sizes
from jumok.service.errors import StartupError

# ONNX Runtime reports its use to its makers unless told not to before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_TYPES = {"int32": "tensor(int32)", "int64": "tensor(int64)", "float32": "tensor(float)"}


class Engine:
    """Encodes and steps batches: a `StepModel`. Not thread-safe: one thread runs it.

    Attributes:
        provider: the execution provider that runs the graphs.
        precision: that they compute in.
        runtime_version: of ONNX Runtime.
        sizes: of the tensors that a sentence carries.
    """

    runtime_version: Final[str] = onnxruntime.__version__

    def __init__(
        self,
        bundle: Bundle,
        provider: Literal["auto", "cpu", "cuda"] = "auto",
        threads: int = 0,
        precision: Literal["auto", Precision] = "auto",
    ) -> None:
        """Open the graphs of `bundle`.

        Args:
            bundle: verified.
            provider: "auto" takes CUDA where it works.
            threads: of the CPU; 0 takes all cores but one, which is for the event loop, and at
                most 8: a step is too short for more.
            precision: of the graphs; "auto" takes int8 on the CPU where the bundle has it, else
                float32: in float16 company can matter, so it must be asked for.

        Raises:
            StartupError: `provider` is "cuda" and CUDA does not work here, the bundle has no graphs
                of that precision, or they are int8 and would run on CUDA.
            BundleError: a graph does not open or has not the signature of the manifest.
        """
        self.provider = _choose(provider)
        threads = threads or max(1, min(8, (os.cpu_count() or 1) - 1))
        found = bundle.manifest.precisions
        self._threads = threads
        self.precision = _choose_precision(bundle, precision, self.provider)
        self._encoder = self._open(bundle, found[self.precision].encoder)
        if provider == "cuda" and self.provider != _CUDA:
            raise StartupError(_NO_CUDA)
        if self.precision == "int8" and self.provider == _CUDA:
            raise StartupError(_NO_INT8)
        best = _choose_precision(bundle, precision, self.provider)
        if best != self.precision:  # the provider fell back on the CPU
            self.precision = best
            self._encoder = self._open(bundle, found[best].encoder)
        self._step = self._open(bundle, found[self.precision].decoder_step)
        encoder, key, state = (output.shape[-1] for output in self._encoder.get_outputs())
        self.sizes = Sizes(encoder, key, state)
        self._ranks = np.arange(bundle.target_tokenizer.vocabulary_size)

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode [batch, source], padded, of true lengths [batch]."""
        states, keys, state = self._encoder.run(
            None, {"source_ids": source_ids, "source_lengths": source_lengths}
        )
        return Encoded(states, keys, state, source_lengths)

    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        decoder_state: NDArray[np.float32],
        encoded: Encoded,
        candidates: int,
    ) -> Step:
        """Read a token for each hypothesis [batch, beam]."""
        return Step(
            *self._step.run(
                None,
                {
                    "previous_ids": previous_ids,
                    "parents": parents,
                    "scored_ids": scored_ids,
                    "decoder_state": decoder_state,
                    "encoder_states": encoded.encoder_states,
                    "projected_keys": encoded.projected_keys,
                    "source_lengths": encoded.source_lengths,
                    "candidate_ranks": self._ranks[:candidates],
                },
            )
        )

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        """Make `capacity` rows of `beam` hypotheses and `width` source positions."""
        return HostRows(self, self.sizes, beam, width, capacity)

    @property
    def placement(self) -> dict[str, set[str]]:
        """By execution provider, the types of those nodes of the step that it runs."""
        found: dict[str, set[str]] = {}
        for subgraph in self._step.get_provider_graph_assignment_info():
            types = found.setdefault(subgraph.ep_name, set())
            types.update(node.op_type for node in subgraph.get_nodes())
        return found

    def _session(
        self, graph: Path | bytes, cuda: Mapping[str, str] | None = None
    ) -> onnxruntime.InferenceSession:
        """Open a graph, on CUDA with these options."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        # Spinning threads would take the cores from the event loop between two steps.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
        # TensorFloat-32 would give other tokens than the ones that the parity report vouches for.
        providers: list[Any] = []
        if self.provider == _CUDA:
            providers.append((_CUDA, {"use_tf32": "0", **(cuda or {})}))
        return onnxruntime.InferenceSession(graph, options, providers=[*providers, _CPU])

    def _open(
        self, bundle: Bundle, entry: GraphEntry, cuda: Mapping[str, str] | None = None
    ) -> onnxruntime.InferenceSession:
        """Open a graph of the bundle, and check it."""
        try:
            session = self._session(bundle.path / entry.file, cuda)
        except Exception as error:  # ONNX Runtime raises classes of its own for each status
            raise BundleError(f"{bundle.path}: {entry.file} does not open: {error}") from error
        # A provider that cannot be loaded is dropped silently.
        self.provider = session.get_providers()[0]
        for tensors, expected in (
            (session.get_inputs(), entry.signature.inputs),
            (session.get_outputs(), entry.signature.outputs),
        ):
            found = [(tensor.name, tensor.type, len(tensor.shape)) for tensor in tensors]
            fixed = [
                (tensor, place)
                for tensor, signature in zip(tensors, expected, strict=False)
                for place, axis in enumerate(signature.axes)
                if axis not in DYNAMIC_AXES and place < len(tensor.shape)
            ]
            wanted = [(tensor.name, _TYPES[tensor.dtype], len(tensor.axes)) for tensor in expected]
            sizes = (tensor.shape[place] for tensor, place in fixed)
            if found != wanted or not all(isinstance(size, int) for size in sizes):
                raise BundleError(f"{bundle.path}: {entry.file} has not the manifest's signature")
        return session


_NO_CUDA = (
    "CUDA does not work here; install 'jumok[gpu]' in place of 'jumok[serve]', check the driver "
    "with nvidia-smi, or choose --provider cpu"
)
_NO_INT8 = (
    "graphs in int8 are for the CPU: take --provider cpu, or --precision auto, which takes what "
    "CUDA computes"
)


def _choose_precision(
    bundle: Bundle, wanted: Literal["auto", Precision], provider: str
) -> Precision:
    found = bundle.manifest.precisions
    if wanted == "auto":
        return "int8" if provider == _CPU and "int8" in found else "float32"
    if wanted not in found:
        raise StartupError(
            f"{bundle.path} has no graphs in {wanted}: take --precision "
            f"{' or '.join(found)}, or export it with --precision {wanted}"
        )
    return wanted


def _choose(provider: str) -> str:
    if provider == "cpu":
        return _CPU
    if _CUDA not in onnxruntime.get_available_providers():
        if provider == "cuda":
            raise StartupError(_NO_CUDA)
        return _CPU
    onnxruntime.preload_dlls()  # of the nvidia packages; never raises, so the session is asked
    return _CUDA
