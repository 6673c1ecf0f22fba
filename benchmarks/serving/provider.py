"""Where the benchmark runs its models, and in which precisions."""

from typing import Final, Literal

import onnxruntime
import torch

from jumok.bundle.manifest import Precision

Provider = Literal["cpu", "cuda"]

PRECISIONS: Final[dict[Provider, tuple[Precision, Precision]]] = {
    "cpu": ("float32", "int8"),
    "cuda": ("float32", "float16"),
}
"""Of the bundle, the one that loses nothing first."""


def gpu(provider: Provider) -> dict[str, str]:
    """Name the GPU, where one is used."""
    return {"gpu": torch.cuda.get_device_name()} if provider == "cuda" else {}


def missing(provider: Provider) -> str | None:
    """Say why nothing can run there, or None if it can."""
    if provider == "cpu":
        return None
    if not torch.cuda.is_available():
        return "PyTorch finds no GPU"
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return "this ONNX Runtime has no CUDA provider: install onnxruntime-gpu"
    return None
