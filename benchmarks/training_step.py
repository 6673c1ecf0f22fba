"""Measure the speed of a training step in several variants, and profile it.

`python -m benchmarks.training_step CONFIGURATION` trains the model of a configuration on a random
batch. The variants take turns; it prints the median of their tokens per second over the rounds, and
a profile of the variant that `jumok train` uses. Compare ratios within one run only.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import torch
from torch.nn import functional
from torch.profiler import profile

from jumok.bundle.manifest import SpecialIds
from jumok.training.configuration import Configuration, load_configuration
from jumok.training.data.batches import TokenBatch
from jumok.training.learner import Learner, computes_in_bfloat16
from jumok.training.loss import token_loss
from jumok.training.network.seq2seq import Seq2Seq
from jumok.training.processes import Processes

_LENGTH = 15  # tokens of each side, including ends
_SHOWN = 12  # operators shown of the profile


def main() -> None:
    """Measure and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configuration", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=0, help="0 for all")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    configuration = load_configuration(options.configuration)
    variants = _variants(configuration)
    tokens = 2 * _LENGTH * _sentences(configuration)
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for step in variants.values():  # warm-up: compilation, memory allocation
        step()
    for _ in range(options.rounds):
        for name, step in variants.items():
            begun = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    first = next(iter(medians.values()))
    print(f"{tokens} tokens a step, {torch.get_num_threads()} threads, {options.rounds} rounds\n")
    print("| variant | ms a step | tokens/s | ratio |\n| --- | --- | --- | --- |")
    for name, median in medians.items():
        speed = tokens / median
        print(f"| {name} | {1000 * median:.0f} | {speed:,.0f} | {first / median:.2f} |")
    shares = _profile(variants["as trained"])
    print("\n| operator | share of the step |\n| --- | --- |")
    for name, share in shares.items():
        print(f"| `{name}` | {share:.1%} |")
    if options.json:
        figures = {"tokens": tokens, "threads": torch.get_num_threads(), "seconds": seconds}
        options.json.write_text(json.dumps({**figures, "profile": shares}, indent=1) + "\n")


def _sentences(configuration: Configuration) -> int:
    return configuration.training.batch_tokens // (2 * _LENGTH)


def _variants(configuration: Configuration) -> dict[str, Callable[[], None]]:
    """Make a step of each variant; "as trained" is the one that `jumok train` uses."""

    def torch_loss(
        logits: torch.Tensor, target_ids: torch.Tensor, smoothing: float
    ) -> torch.Tensor:
        return functional.cross_entropy(
            logits.float(), target_ids, reduction="sum", label_smoothing=smoothing
        )

    variants = {
        "float32, PyTorch's loss": _step(configuration, amp=False, loss=torch_loss),
        "float32": _step(configuration, amp=False),
        "as trained": _step(configuration),
    }
    if computes_in_bfloat16(torch.device("cpu")):
        variants["bfloat16, PyTorch's loss"] = _step(configuration, loss=torch_loss)
        variants["bfloat16, compiled step"] = _step(configuration, compiled=True)
    return variants


def _step(
    configuration: Configuration,
    amp: bool = True,
    loss: Callable[..., torch.Tensor] = token_loss,
    compiled: bool = False,
) -> Callable[[], None]:
    torch.manual_seed(0)
    size = configuration.tokenization.vocabulary_size
    positions = configuration.limits.max_source_tokens + 1
    special = SpecialIds()
    model = Seq2Seq(configuration.model, size, size, special.padding, positions)
    if compiled:
        model.decoder.step = torch.compile(model.decoder.step, dynamic=True)  # type: ignore[method-assign]
    settings = configuration.training.model_copy(update={"amp": amp})
    learner = Learner(model, settings, special, Processes())
    shape = (_sentences(configuration), _LENGTH)
    source_ids, previous_ids, target_ids = (torch.randint(4, size, shape) for _ in range(3))
    batch = TokenBatch(source_ids, torch.full(shape[:1], _LENGTH), previous_ids, target_ids)

    def step() -> None:
        with patch("jumok.training.learner.token_loss", loss):
            learner.learn([batch], target_ids.numel(), 0)

    return step


def _profile(step: Callable[[], None]) -> dict[str, float]:
    """Return the shares of time of the most expensive operators."""
    with profile() as profiler:
        step()
    rows = [(row.key, row.self_cpu_time_total) for row in profiler.key_averages()]
    total = sum(time for _, time in rows)
    rows.sort(key=lambda row: -row[1])
    return {name: time / total for name, time in rows[:_SHOWN]}


if __name__ == "__main__":
    main()
