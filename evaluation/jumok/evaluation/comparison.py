"""Compare two systems on the same test sets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest, Result

from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.report import Report, SetReport
from jumok.evaluation.scoring.metrics import bleu, reference_streams

RESAMPLES: Final = 1000


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """Scores of two systems on one set by one metric.

    Attributes:
        metric: "BLEU" or "chrF2".
        baseline: score of the first system, 0 to 100.
        system: score of the second system, 0 to 100.
        p_value: probability of a difference this large if the systems are equally good.
        signature: sacreBLEU's signature of the metric.
    """

    metric: str
    baseline: float
    system: float
    p_value: float
    signature: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of two systems on one set.

    Attributes:
        name: name of the set.
        sentences: number of sentences.
        differences: one for each metric.
        better: number of sentences with a higher chrF in the second system.
        worse: number of sentences with a lower chrF in the second system.
    """

    name: str
    sentences: int
    differences: tuple[MetricDifference, ...]
    better: int
    worse: int


def compare(baseline: Report, system: Report) -> list[Comparison]:
    """Compare two reports set by set, with paired bootstrap resampling (Koehn 2004, section 4).

    Raises:
        EvaluationError: the reports are of different sets or sentences.
    """
    check_same_data([baseline, system])
    language = baseline.system.target_language
    return [
        _compare(one, other, language)
        for one, other in zip(baseline.sets, system.sets, strict=True)
    ]


def check_same_data(reports: Sequence[Report]) -> None:
    """Check that reports are of the same sets and sentences.

    Raises:
        EvaluationError: they are not, or one has no sentences.
    """
    for report in reports:
        if any(len(found.translations) < found.sentences for found in report.sets):
            raise EvaluationError(
                f"the report of {report.system.path} has no sentences to compare: use the "
                "report.json that `jumok evaluate --output FOLDER` writes"
            )
    first = reports[0]
    for other in reports[1:]:
        systems = f"{first.system.path} and {other.system.path}"
        names = [[found.name for found in report.sets] for report in (first, other)]
        if names[0] != names[1]:
            raise EvaluationError(
                f"{systems} were evaluated on different sets ({', '.join(names[0])} and "
                f"{', '.join(names[1])}): evaluate both on the same data"
            )
        for one, another in zip(first.sets, other.sets, strict=True):
            if _pairs(one) != _pairs(another):
                raise EvaluationError(
                    f"{systems} were evaluated on different sentences of {one.name} "
                    f"({one.sentences:,} and {another.sentences:,}): evaluate both on the same data"
                )


def _pairs(found: SetReport) -> list[tuple[str, ...]]:
    return [
        (sentence.source, sentence.reference, *sentence.further_references)
        for sentence in found.translations
    ]


def _compare(baseline: SetReport, system: SetReport, language: str) -> Comparison:
    gains = [
        after.chrf - before.chrf
        for before, after in zip(baseline.translations, system.translations, strict=True)
    ]
    return Comparison(
        name=baseline.name,
        sentences=baseline.sentences,
        differences=tuple(_differences(baseline, system, language)),
        better=sum(gain > 0 for gain in gains),
        worse=sum(gain < 0 for gain in gains),
    )


def _differences(
    baseline: SetReport, system: SetReport, language: str
) -> Iterator[MetricDifference]:
    texts: list[Sequence[str]] = [
        [sentence.hypothesis for sentence in found.translations] for found in (baseline, system)
    ]
    references = [
        (sentence.reference, *sentence.further_references) for sentence in baseline.translations
    ]
    test = PairedTest(
        list(zip(("baseline", "system"), texts, strict=True)),
        {"BLEU": bleu(language), "chrF2": CHRF()},
        reference_streams(references),
        test_type="bs",
        n_samples=RESAMPLES,
    )
    signatures, results = test()
    for metric, signature in signatures.items():
        before, after = results[metric]
        assert isinstance(before, Result)
        assert isinstance(after, Result)
        assert after.p_value is not None
        yield MetricDifference(
            metric=metric,
            baseline=before.score,
            system=after.score,
            # sacreBLEU's p-value of equal translations is too small
            p_value=after.p_value if texts[0] != texts[1] else 1.0,
            signature=str(signature),
        )
