"""Sessions of ONNX Runtime, configured and opened here only."""

import contextlib
import os
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, Literal

# ONNX Runtime sends telemetry unless this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from onnxruntime import InferenceSession, OrtValue, RunOptions

__all__ = ["InferenceSession", "OrtValue", "RunOptions"]

CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"
RUNTIME_VERSION: Final[str] = onnxruntime.__version__


def open_session(
    graph: bytes,
    provider: str = CPU,
    threads: int = 0,
    cuda_options: Mapping[str, str] | None = None,
) -> InferenceSession:
    """Open a graph.

    If ONNX Runtime cannot load the provider's library, the session silently runs on the CPU:
    `session.get_providers()[0]` is the provider in use.

    Args:
        graph: content of the graph. ONNX Runtime would read external data from any file below the
            working directory: see `jumok.runtime.external_data`.
        provider: execution provider, `CPU` or `CUDA`; nodes that CUDA cannot run go to the CPU.
        threads: CPU threads; 0 uses all cores.
        cuda_options: additional options of the CUDA provider.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4  # errors are raised; they need not be printed too
    options.add_session_config_entry("session.load_model_format", "ONNX")
    # Between two steps, spinning threads would take cores from the event loop, or from PyTorch.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    providers: list[Any] = [CPU]
    if provider == CUDA:
        with contextlib.redirect_stdout(None):  # it prints the libraries that it does not find
            onnxruntime.preload_dlls()  # from the nvidia packages
        # TensorFloat-32 keeps 10 bits of the mantissa, so tokens would differ from those that the
        # parity report covers.
        providers.insert(0, (CUDA, {"use_tf32": "0", **(cuda_options or {})}))
    # Without enable_fallback=False, an error on CUDA is printed to stdout and the session moves to
    # the CPU, even in the middle of a run.
    session = onnxruntime.InferenceSession(
        graph, options, providers=providers, enable_fallback=False
    )
    session._model_bytes = None  # kept by ONNX Runtime to open the session again on a fallback
    return session


def arrange_graph() -> bytes:
    """Return the graph that moves rows on a device, see `jumok.runtime.device_rows.DeviceRows`."""
    return files("jumok.runtime").joinpath("arrange.onnx").read_bytes()


def installed_providers() -> tuple[str, ...]:
    """Return those of `CUDA` and `CPU` that this ONNX Runtime was built with, best first."""
    found = onnxruntime.get_available_providers()
    return tuple(provider for provider in (CUDA, CPU) if provider in found)


def usable_providers(requested: Literal["auto", "cpu", "cuda"] = "auto") -> tuple[str, ...]:
    """Return the execution providers that work here, best first.

    CUDA can be installed and still fail to load (no driver, no cuDNN), so a small graph is opened
    on it, unless only the CPU is requested.
    """
    if requested == "cpu" or CUDA not in installed_providers():
        return (CPU,)
    try:
        session = open_session(arrange_graph(), CUDA)
    except Exception:  # ONNX Runtime has an exception class for each status, without a common base
        return (CPU,)
    return (CUDA, CPU) if session.get_providers()[0] == CUDA else (CPU,)
