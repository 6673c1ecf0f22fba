"""The reported ratios of the results, by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.serving.provider import PRECISIONS


def ratios(
    medians: Mapping[str, float],
    latency: Mapping[str, Mapping[str, Any]],
    costs: Mapping[str, Mapping[str, Any]],
    precisions: Sequence[str] = PRECISIONS["cpu"],
) -> dict[str, float]:
    """Compute the ratios of one run, without those of peers that were not measured.

    Args:
        medians: tokens per second, by peer.
        latency: by precision, as `measure_latency` returns it.
        costs: by precision, as `measure_costs` returns it.
        precisions: the lossless one and the fastest one.
    """
    batches = [label for label in medians if label.startswith("P1 ") and "batch" in label]
    transformers = [label for label in medians if label.startswith("P7")]
    served = [label for label in medians if label.startswith("P8")]
    found: dict[str, float] = {}
    for precision in precisions:
        service, engine = f"P5 {precision}", f"P4 {precision}"
        name = "P5" if precision == precisions[0] else "P5_best"
        for ratio, over, under in (
            (f"{name}/P1", service, ["P1"]),
            (f"{name}/P1_best_batch", service, batches),
            (f"{name}/P2", service, ["P2"]),
            (f"{name}/P7", service, transformers),
            (f"{name}/P8", service, served),
            (f"P4/P3 {precision}", engine, [f"P3 {precision}"]),
            (f"P5/P4 {precision}", service, [engine]),
            (f"beam 5/greedy {precision}", f"{engine} beam 5", [engine]),
        ):
            best = max((medians[label] for label in under if label in medians), default=None)
            if best is not None and over in medians:
                found[ratio] = medians[over] / best
        waiting = latency[precision]["ratios"] if precision in latency else {}
        found |= {f"{what} {precision}": value for what, value in waiting.items()}
        if precision in costs:
            one, many = (
                figures["ms"]
                for figures in costs[precision]["step"]
                if figures["rows"] in (1, 64) and figures["source"] == 20
            )
            found[f"step of 64 rows/of 1 {precision}"] = many / one
    return found
