"""Statistics of a load, from constructed calls."""

import pytest

from jumok.cli.latency import gaps, summarise
from jumok.cli.load import Call, Load

QUICK = Call(asked=1.0, arrivals=((1.1, 1), (1.2, 1), (1.5, 3)), ended=1.6)
SLOW = Call(asked=2.0, arrivals=((3.0, 1), (5.0, 2)), ended=6.0)
FAILED = Call(asked=2.0, arrivals=((2.1, 1),), ended=2.2, error="too many sentences wait")
SHORT = Call(asked=3.0, arrivals=(), ended=3.5)


def test_tokens_of_one_message_share_its_gap() -> None:
    """Three tokens 0.3 seconds after the previous message have an inter-token latency of 0.1."""
    assert gaps(QUICK) == pytest.approx([0.1, 0.1, 0.1, 0.1])
    assert gaps(SLOW) == [1.0, 1.0]
    assert gaps(SHORT) == []


def test_summary() -> None:
    """Rates are over the whole time; failed calls count only as failed."""
    found = summarise(Load((QUICK, SLOW, FAILED, SHORT), 10.0))
    assert (found.calls, found.failed, found.tokens) == (4, 1, 8)
    assert found.tokens_per_second == pytest.approx(0.8)
    assert found.calls_per_second == pytest.approx(0.3)
    assert (found.ttft.p50, found.ttft.p99) == pytest.approx((0.1, 1.0))
    assert (found.itl.p50, found.itl.p99) == pytest.approx((0.1, 1.0))
    assert (found.end_to_end.p50, found.end_to_end.p95) == pytest.approx((0.6, 4.0))
    assert found.goodput is None


def test_goodput() -> None:
    """Calls count towards goodput if they meet all given limits."""
    load = Load((QUICK, SLOW, SHORT), 10.0)
    assert summarise(load, most_ttft=0.5).goodput == pytest.approx(0.2)
    assert summarise(load, most_ttft=2.0, most_itl=0.5).goodput == pytest.approx(0.2)
    assert summarise(load, most_ttft=2.0, most_itl=2.0).goodput == pytest.approx(0.3)


def test_nothing_answered() -> None:
    """Without calls there are no times."""
    found = summarise(Load((FAILED,), 1.0))
    assert found.ttft.p50 is None
    assert found.calls_per_second == 0
