"""Sessions of ONNX Runtime: the one place that configures and opens them."""

import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

# ONNX Runtime reports its use to its makers unless told not to before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from onnxruntime import InferenceSession, OrtValue, RunOptions

__all__ = ["InferenceSession", "OrtValue", "RunOptions"]

CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"
RUNTIME_VERSION: Final[str] = onnxruntime.__version__


def open_session(
    graph: Path | bytes,
    provider: str = CPU,
    threads: int = 0,
    cuda_options: Mapping[str, str] | None = None,
) -> InferenceSession:
    """Open a graph.

    ONNX Runtime drops a provider that it cannot load without a word, so the session may run on
    another one: `session.get_providers()[0]` tells.

    Args:
        graph: a file, or its content.
        provider: execution provider, `CPU` or `CUDA`; the CPU takes what the provider cannot run.
        threads: of the CPU; 0 takes all cores.
        cuda_options: further options of the CUDA provider.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Spinning threads would take the cores from the event loop, or PyTorch, between two steps.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    providers: list[Any] = [CPU]
    if provider == CUDA:
        onnxruntime.preload_dlls()  # of the nvidia packages; never raises
        # TensorFloat-32 keeps 10 bits of the mantissa: it would give other tokens than the ones
        # that the parity report vouches for.
        providers.insert(0, (CUDA, {"use_tf32": "0", **(cuda_options or {})}))
    return onnxruntime.InferenceSession(graph, options, providers=providers)


def arrange_graph() -> bytes:
    """Return the graph that moves rows on a device, see `jumok.runtime.device_rows`."""
    return files("jumok.runtime").joinpath("arrange.onnx").read_bytes()


def installed_providers() -> tuple[str, ...]:
    """Return the execution providers that this ONNX Runtime was built with, best first."""
    found = onnxruntime.get_available_providers()
    return tuple(provider for provider in (CUDA, CPU) if provider in found)


@cache
def usable_providers() -> tuple[str, ...]:
    """Return the execution providers that work here, best first.

    CUDA can be listed and still fail to load (no driver, no cuDNN): a small graph is opened to see.
    """
    if CUDA not in installed_providers():
        return (CPU,)
    session = open_session(arrange_graph(), CUDA)
    return (CUDA, CPU) if session.get_providers()[0] == CUDA else (CPU,)
