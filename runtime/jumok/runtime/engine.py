"""The engine: the two graphs of a bundle, run by ONNX Runtime."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.errors import BundleError
from jumok.bundle.manifest import GraphEntry, Graphs, Precision
from jumok.bundle.signature import DYNAMIC_AXES, NEXT, GraphSignature
from jumok.bundle.stages import Stage, Stages
from jumok.bundle.validation import one_line
from jumok.decoding.driver import HostRows
from jumok.decoding.step_model import Encoded, Rows, Step, StepInput
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.external_data import has_external_data
from jumok.runtime.further_outputs import with_outputs
from jumok.runtime.session import (
    CPU,
    RUNTIME_VERSION,
    InferenceSession,
    RunOptions,
    open_session,
)

_TYPES: Final = {"int32": "tensor(int32)", "int64": "tensor(int64)", "float32": "tensor(float)"}
_MOST_FEATURES: Final = 2**16  # of an encoder state, a key or a decoder state


class ExplainedStep(NamedTuple):
    """The output of a decoder step, and the tensors inside it that explain it.

    Attributes:
        step: what `Engine.step` returns.
        stages: float32 [batch, beam, …] by stage; see `jumok.bundle.stages`.
    """

    step: Step
    stages: Mapping[Stage, NDArray[np.float32]]


class Engine:
    """A `StepModel` on ONNX Runtime. Not thread-safe: use it from one thread at a time.

    Attributes:
        provider: execution provider that runs the graphs.
        precision: precision of the graphs.
        runtime_version: version of ONNX Runtime.
    """

    runtime_version: Final[str] = RUNTIME_VERSION

    def __init__(
        self,
        folder: Path,
        graphs: Graphs,
        vocabulary: int,
        *,
        provider: str = CPU,
        precision: Precision = "float32",
        threads: int = 0,
        read: Callable[[Path], bytes] = Path.read_bytes,
    ) -> None:
        """Open the two graphs of one precision.

        Args:
            folder: folder of their files.
            graphs: file names and signatures.
            vocabulary: size of the target vocabulary, the most candidates that can be ranked.
            provider: execution provider to run them on.
            precision: precision of `graphs`.
            threads: CPU threads; 0 uses all cores.
            read: reads a file. That of a `Bundle` verifies what it returns.

        Raises:
            RuntimeSetupError: the provider does not work here.
            BundleError: a graph cannot be opened or does not match its signature.
        """
        self.provider, self.precision = provider, precision
        self._run_options: RunOptions | None = None
        self._folder, self._graphs, self._threads, self._read = folder, graphs, threads, read
        self._sizes: dict[str, int] = {}
        self._vocabulary, self._ranks = vocabulary, np.arange(vocabulary)
        self._encoder = self._open(graphs.encoder)
        self._encoder_names = [tensor.name for tensor in graphs.encoder.signature.outputs]
        self._step = self._open_step()
        self._step_names = [tensor.name for tensor in self.signature.outputs]
        self._staged: InferenceSession | None = None
        self._opening = threading.Lock()

    @property
    def signature(self) -> GraphSignature:
        """The signature of the decoder step."""
        return self._graphs.decoder_step.signature

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode padded sources int64 [batch, source] of true lengths int32 [batch]."""
        outputs = self._encoder.run(
            None, {"source_ids": source_ids, "source_lengths": source_lengths}
        )
        tensors = dict(zip(self._encoder_names, outputs, strict=True))
        return Encoded(tensors, source_lengths)

    def step(self, inputs: StepInput) -> Step:
        """Extend each hypothesis by its previous token and rank the continuations."""
        return self._as_step(self._step.run(None, self._feed(inputs), self._run_options))

    @property
    def stages(self) -> Stages | None:
        """The stages of the decoder step; without them, `explain` does not work."""
        return self._graphs.stages

    @property
    def sizes(self) -> Mapping[str, int]:
        """The sizes of the axes that the model fixes, such as `key`."""
        return self._sizes

    def open_stages(self) -> None:
        """Open the step once more, with its stages as outputs; any thread may call this.

        It takes about a second and as much memory as the step, so the first explanation pays it.

        Raises:
            BundleError: the graph cannot be opened, or has no such tensors.
        """
        assert self.stages is not None
        with self._opening:
            if self._staged is None:
                tensors = dict.fromkeys(self.stages.tensors.values())
                names = [name for name in tensors if name not in self._step_names]
                # one thread, because an explanation is a step of one row
                self._staged = self._open(self._graphs.decoder_step, further=names, threads=1)

    def explain(self, inputs: StepInput) -> ExplainedStep:
        """Do a step as `step` does, from arrays on the host, and return its stages as well.

        Call `open_stages` before. The result of the step is the same as that of `step`.
        """
        assert self._staged is not None
        assert self.stages is not None
        outputs = self._staged.run(None, self._feed(inputs))
        names = [output.name for output in self._staged.get_outputs()]
        found = dict(zip(names, outputs, strict=True))
        return ExplainedStep(
            self._as_step(outputs[: len(self._step_names)]),
            {stage: found[name].astype(np.float32) for stage, name in self.stages.tensors.items()},
        )

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        """Create `capacity` rows of `beam` hypotheses and `width` source positions."""
        return HostRows(self, beam, width, capacity)

    @property
    def placement(self) -> dict[str, set[str]]:
        """The operator types of the decoder step that each execution provider runs."""
        found: dict[str, set[str]] = {}
        for subgraph in self._step.get_provider_graph_assignment_info():
            types = found.setdefault(subgraph.ep_name, set())
            types.update(node.op_type for node in subgraph.get_nodes())
        return found

    def _feed(self, inputs: StepInput) -> dict[str, Any]:
        """Return the inputs of the step's graph."""
        return {
            "previous_ids": inputs.previous_ids,
            "parents": inputs.parents,
            "scored_ids": inputs.scored_ids,
            "candidate_ranks": self._ranks[: inputs.candidates],
            **inputs.tensors,
        }

    def _as_step(self, outputs: Sequence[Any]) -> Step:
        """Return the outputs of the step's graph as a `Step`."""
        found = dict(zip(self._step_names, outputs, strict=True))
        return Step(
            found.pop("token_ids"),
            found.pop("log_probs"),
            found.pop("attention"),
            found.pop("scored_log_probs"),
            {name.removeprefix(NEXT): state for name, state in found.items()},
        )

    def _open_step(self) -> InferenceSession:
        return self._open(self._graphs.decoder_step)

    def _open(
        self,
        entry: GraphEntry,
        cuda_options: Mapping[str, str] | None = None,
        *,
        further: Sequence[str] = (),
        threads: int | None = None,
    ) -> InferenceSession:
        """Open a graph and check it against its signature; `further` names more outputs."""
        path = self._folder / entry.file
        graph = self._read(path)
        try:
            if has_external_data(graph):
                raise ValueError("it keeps values in other files, which no checksum covers")
            if further:
                graph = with_outputs(graph, further)
            threads = self._threads if threads is None else threads
            session = open_session(graph, self.provider, threads, cuda_options)
        except Exception as error:  # ONNX Runtime has an exception class for each status
            raise BundleError(f"{path}: the graph cannot be opened: {one_line(error)}") from error
        if session.get_providers()[0] != self.provider:
            raise RuntimeSetupError(
                f"{self.provider} is installed but does not work here: repair it, or install "
                "onnxruntime in place of onnxruntime-gpu"
            )
        for tensors, expected in (
            (session.get_inputs(), entry.signature.inputs),
            (session.get_outputs()[: -len(further) or None], entry.signature.outputs),
        ):
            if not _matches(tensors, expected, self._sizes):
                raise BundleError(f"{path}: the graph does not match the signature in the manifest")
        return session


def _matches(tensors: Any, expected: Any, sizes: dict[str, int]) -> bool:
    """Check names, dtypes, ranks, and that each axis has one possible size in all tensors.

    `sizes` has the sizes of the axes seen so far. Only dynamic axes have no fixed size.
    """
    try:
        found = [(tensor.name, tensor.type, len(tensor.shape)) for tensor in tensors]
    except UnicodeDecodeError:  # in a name
        return False
    wanted = [(tensor.name, _TYPES[tensor.dtype], len(tensor.axes)) for tensor in expected]
    return found == wanted and all(
        isinstance(size, int)
        and 0 < size <= _MOST_FEATURES
        and sizes.setdefault(axis, size) == size
        for tensor, signature in zip(tensors, expected, strict=True)
        for size, axis in zip(tensor.shape, signature.axes, strict=True)
        if axis not in DYNAMIC_AXES
    )
