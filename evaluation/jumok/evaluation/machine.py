"""What an evaluation ran on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("jumok", "numpy", "onnxruntime", "onnxruntime-gpu", "sacrebleu", "torch")


def versions() -> dict[str, str]:
    """Name Python and those packages at hand that a figure may depend on, and their versions."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str | int]:
    """Name the system, the processor and the number of its cores."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
    }


def _processor() -> str:
    try:  # Linux alone says which
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
