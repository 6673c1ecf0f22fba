"""The ratios that the project holds itself to, by name."""

from collections.abc import Mapping
from typing import Any


def ratios(
    medians: Mapping[str, float], latency: Mapping[str, Mapping[str, Any]]
) -> dict[str, float]:
    """Divide what was measured in one run.

    Args:
        medians: tokens a second, by peer.
        latency: by precision, as `measure_latency` returns it.
    """
    best_batch = max(speed for label, speed in medians.items() if label.startswith("P1 batch"))
    found: dict[str, float] = {}
    for precision in ("float32", "int8"):
        service = medians[f"P5 {precision}"]
        name = "P5" if precision == "float32" else "P5_best"
        found |= {
            f"{name}/P1": service / medians["P1"],
            f"{name}/P1_best_batch": service / best_batch,
            f"{name}/P2": service / medians["P2"],
            f"{name}/P7": service / max(medians["P7 float32"], medians["P7 int8"]),
            f"P4/P3 {precision}": medians[f"P4 {precision}"] / medians[f"P3 {precision}"],
            f"P5/P4 {precision}": service / medians[f"P4 {precision}"],
            f"beam 5/greedy {precision}": medians[f"P4 {precision} beam 5"]
            / medians[f"P4 {precision}"],
        }
        found |= {
            f"{what} {precision}": value for what, value in latency[precision]["ratios"].items()
        }
    return found
