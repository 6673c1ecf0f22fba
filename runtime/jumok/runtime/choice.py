"""Which provider and precision to run a bundle with."""

from collections.abc import Collection
from typing import Literal, NamedTuple

from jumok.bundle.manifest import Precision
from jumok.runtime.errors import RuntimeSetupError
from jumok.runtime.session import CPU, CUDA


class RuntimeChoice(NamedTuple):
    """An execution provider and the precision of the graphs that it runs."""

    provider: str
    precision: Precision


def choose_runtime(
    provider: Literal["auto", "cpu", "cuda"],
    precision: Literal["auto", Precision],
    *,
    usable: Collection[str],
    found: Collection[Precision],
) -> RuntimeChoice:
    """Choose from what was asked for and what is there.

    Args:
        provider: asked for; "auto" takes CUDA if it works.
        precision: asked for; "auto" takes int8 on the CPU if the bundle has it, else float32.
            float16 must be asked for, because its results can depend on the batch.
        usable: execution providers that work here.
        found: precisions that the bundle has.

    Raises:
        RuntimeSetupError: this combination does not work; the message says what does.
    """
    if provider == "cuda" and CUDA not in usable:
        raise RuntimeSetupError(
            "CUDA does not work here; install 'jumok[gpu]' in place of 'jumok[serve]', check the "
            "driver with nvidia-smi, or choose --provider cpu"
        )
    chosen = CPU if provider == "cpu" or CUDA not in usable else CUDA
    if precision == "auto":
        return RuntimeChoice(chosen, "int8" if chosen == CPU and "int8" in found else "float32")
    if precision not in found:
        raise RuntimeSetupError(
            f"the bundle has no graphs in {precision}: take --precision {' or '.join(found)}, or "
            f"export it with --precision {precision}"
        )
    if precision == "int8" and chosen == CUDA:
        raise RuntimeSetupError(
            "graphs in int8 are for the CPU: take --provider cpu, or --precision auto, which takes "
            "what CUDA computes"
        )
    return RuntimeChoice(chosen, precision)
