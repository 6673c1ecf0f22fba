"""The execution providers of the benchmark and their precisions."""

from typing import Final, Literal

import torch

from jumok.bundle.manifest import Precision
from jumok.runtime.session import CUDA, usable_providers

Provider = Literal["cpu", "cuda"]

PRECISIONS: Final[dict[Provider, tuple[Precision, Precision]]] = {
    "cpu": ("float32", "int8"),
    "cuda": ("float32", "float16"),
}
"""Precisions of the bundle, the lossless one first."""


def gpu(provider: Provider) -> dict[str, str]:
    """Return the name of the GPU if the provider uses one."""
    return {"gpu": torch.cuda.get_device_name()} if provider == "cuda" else {}


def missing(provider: Provider) -> str | None:
    """Return why the provider cannot be used, or None if it can."""
    if provider == "cpu":
        return None
    if not torch.cuda.is_available():
        return "PyTorch finds no GPU"
    if CUDA not in usable_providers():
        return "CUDA does not work in this ONNX Runtime: install onnxruntime-gpu"
    return None
