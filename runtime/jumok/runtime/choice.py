"""The choice of execution provider and precision for a bundle."""

from collections.abc import Collection
from typing import Literal, NamedTuple

from jumok.bundle.manifest import Precision
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.session import CPU, CUDA


class RuntimeChoice(NamedTuple):
    """An execution provider and the precision of the graphs to run on it."""

    provider: str
    precision: Precision


def choose_runtime(
    provider: Literal["auto", "cpu", "cuda"],
    precision: Literal["auto", Precision],
    *,
    usable: Collection[str],
    found: Collection[Precision],
) -> RuntimeChoice:
    """Choose an execution provider and a precision.

    Args:
        provider: requested provider; "auto" chooses CUDA if it is usable.
        precision: requested precision; "auto" chooses int8 on the CPU if the bundle has it, else
            float32. float16 is never chosen automatically, because its results can depend on the
            batch.
        usable: execution providers that work here, see `usable_providers`.
        found: precisions that the bundle has.

    Raises:
        RuntimeSetupError: the combination does not work.
    """
    if provider == "cuda" and CUDA not in usable:
        raise RuntimeSetupError(
            "CUDA does not work here; install 'jumok[gpu]' in place of 'jumok[serve]', check the "
            "driver with nvidia-smi, or choose cpu"
        )
    chosen = CPU if provider == "cpu" or CUDA not in usable else CUDA
    if precision == "auto":
        return RuntimeChoice(chosen, "int8" if chosen == CPU and "int8" in found else "float32")
    if precision not in found:
        raise RuntimeSetupError(
            f"the bundle has no {precision} graphs: choose {' or '.join(found)}, or export the "
            f"model with --precision {precision}"
        )
    if precision == "int8" and chosen == CUDA:
        raise RuntimeSetupError("int8 graphs run on the CPU only: choose cpu, or float32")
    return RuntimeChoice(chosen, precision)
