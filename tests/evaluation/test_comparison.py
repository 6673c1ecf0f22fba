"""Comparison of two systems on the same sentences."""

import pytest

from jumok.evaluation.comparison import compare
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.evaluator import measure
from jumok.evaluation.report import Report
from jumok.evaluation.test_set import TestSet
from tests.evaluation.conftest import OPTIONS, OUTPUTS, PAIRS, Canned, measured, report

REFERENCES = {pair.source: pair.target for pair in PAIRS}


def many(outputs: dict[str, str]) -> Report:
    """Measure a system on twenty copies of each pair."""
    return report(measure(Canned(outputs), TestSet("toy", PAIRS * 20), OPTIONS, "en"))


def test_better() -> None:
    """A system that is better on many sentences is significantly better."""
    (found,) = compare(many(OUTPUTS), many(REFERENCES))
    assert (found.name, found.sentences) == ("toy", 60)
    assert (found.better, found.worse) == (40, 0)
    assert [difference.metric for difference in found.differences] == ["BLEU", "chrF2"]
    for difference in found.differences:
        assert difference.baseline < difference.system == pytest.approx(100)
        assert difference.p_value < 0.01
        assert "bs:1000" in difference.signature


def test_of_few() -> None:
    """A difference in one sentence of three is not significant."""
    changed = {"물": "water"}
    (found,) = compare(report(), report(measured(changed=changed)))
    assert found.differences[0].p_value > 0.05
    assert (found.better, found.worse) == (1, 0)


def test_same() -> None:
    """A system is not better than itself."""
    (found,) = compare(report(), report())
    assert [difference.p_value for difference in found.differences] == [1, 1]
    assert (found.better, found.worse) == (0, 0)


def test_each_set() -> None:
    """Each set is compared separately."""
    found = compare(
        report(measured("one"), measured("two")),
        report(measured("one"), measured("two", {"물": "water"})),
    )
    assert [(each.name, each.better) for each in found] == [("one", 0), ("two", 1)]


def test_other_sets() -> None:
    """Reports on sets with other names are not compared."""
    with pytest.raises(EvaluationError, match=r"a and b were .* different sets \(toy and other\)"):
        compare(report(path="a"), report(measured("other"), path="b"))


def test_other_sentences() -> None:
    """Reports on other sentences are not compared."""
    with pytest.raises(EvaluationError, match=r"different sentences of toy \(3 and 60\)"):
        compare(report(), many(OUTPUTS))
