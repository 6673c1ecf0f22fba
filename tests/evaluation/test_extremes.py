"""The best and the worst translations."""

from jumok.evaluation.extremes import Extremes
from jumok.evaluation.report import ScoredSentence


def sentence(chrf: float, source: str = "ㄱ") -> ScoredSentence:
    return ScoredSentence(source=source, reference="a", hypothesis="b", chrf=chrf, log_prob=-1)


def test_order() -> None:
    """The worst are ordered from the worst, the best from the best."""
    found = Extremes.of([sentence(chrf) for chrf in (50, 10, 90, 30, 70)], 2)
    assert [each.chrf for each in found.worst] == [10, 30]
    assert [each.chrf for each in found.best] == [90, 70]
    assert found.best_places == (2, 4)


def test_equally_good() -> None:
    """Among equally good sentences the longest are best."""
    found = Extremes.of([sentence(100, "ㄱ" * length) for length in (2, 9, 4)], 1)
    assert found.best[0].source == "ㄱ" * 9


def test_few() -> None:
    """No sentence is among both the best and the worst."""
    found = Extremes.of([sentence(1), sentence(2), sentence(3)], 2)
    assert [each.chrf for each in found.worst] == [1]
    assert [each.chrf for each in found.best] == [3, 2]
    assert Extremes.of([sentence(1)], 2).best_places == (0,)
    assert Extremes.of([], 2) == Extremes((), (), ())
    assert Extremes.of([sentence(1)], 0) == Extremes((), (), ())
