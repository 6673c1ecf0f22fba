"""What a load says of a server: how fast it is, and how long its callers wait."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jumok.cli.load import Call, Load


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of some times, in seconds; None where there are none."""

    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """A load, summed up.

    Attributes:
        calls: how many there were.
        failed: of them, those that failed.
        seconds: all in all.
        tokens: that came.
        tokens_per_second: of these.
        calls_per_second: that were answered.
        ttft: time to first token, from the call.
        itl: time between tokens: of the tokens of one message, an equal share each of the time
            since the message before.
        end_to_end: from the call to its end.
        goodput: answered calls a second that kept to the limits, where some were given.
    """

    calls: int
    failed: int
    seconds: float
    tokens: int
    tokens_per_second: float
    calls_per_second: float
    ttft: Percentiles
    itl: Percentiles
    end_to_end: Percentiles
    goodput: float | None = None


def summarise(load: Load, most_ttft: float | None = None, most_itl: float | None = None) -> Latency:
    """Sum up a load.

    Args:
        load: it.
        most_ttft: the longest time to a first token of a call that counts as good, in seconds.
        most_itl: the longest time between tokens, on average over such a call.
    """
    answered = [call for call in load.calls if not call.error]
    tokens = sum(count for call in answered for _, count in call.arrivals)
    goodput = None
    if most_ttft is not None or most_itl is not None:
        good = sum(_is_good(call, most_ttft, most_itl) for call in answered)
        goodput = good / load.seconds
    return Latency(
        calls=len(load.calls),
        failed=len(load.calls) - len(answered),
        seconds=load.seconds,
        tokens=tokens,
        tokens_per_second=tokens / load.seconds,
        calls_per_second=len(answered) / load.seconds,
        ttft=_percentiles([call.arrivals[0][0] - call.asked for call in answered if call.arrivals]),
        itl=_percentiles([gap for call in answered for gap in gaps(call)]),
        end_to_end=_percentiles([call.ended - call.asked for call in answered]),
        goodput=goodput,
    )


def gaps(call: Call) -> list[float]:
    """Return the time before each token but those of the first message, in seconds."""
    found: list[float] = []
    for (before, _), (moment, count) in zip(call.arrivals, call.arrivals[1:], strict=False):
        found += [(moment - before) / count] * count
    return found


def _is_good(call: Call, most_ttft: float | None, most_itl: float | None) -> bool:
    between = gaps(call)
    if most_ttft is not None and call.arrivals and call.arrivals[0][0] - call.asked > most_ttft:
        return False
    return most_itl is None or not between or sum(between) / len(between) <= most_itl


def _percentiles(times: Sequence[float]) -> Percentiles:
    ordered = sorted(times)

    def at(share: float) -> float | None:
        # nearest rank: a time that was seen
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None

    return Percentiles(at(0.5), at(0.95), at(0.99))
