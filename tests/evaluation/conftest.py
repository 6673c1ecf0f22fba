"""Handmade translations, a translator with canned answers, and reports of it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from jumok.bundle.words import find_words
from jumok.evaluation.evaluator import Measured, measure
from jumok.evaluation.report import Options, Report, SystemReport
from jumok.evaluation.scoring.batch_translator import AttendedTranslation, BatchTranslator
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.evaluation.test_set import TestSet

OPTIONS = Options(beam=2, length_penalty=0.5, batch_size=2, limit=None, resamples=1000, seed=12345)


def monotone(source: str, target: str, log_prob: float = -0.5) -> AttendedTranslation:
    """Make a translation in which each word attends to the source word in the same position."""
    sources, targets = len(find_words(source)), len(find_words(target))
    attention = np.eye(targets + 1, sources + 1, dtype=np.float32)
    return AttendedTranslation(
        target,
        (5,) * targets,
        np.full(targets + 1, log_prob, dtype=np.float32),
        attention,
        tuple(range(sources)),
        tuple(range(targets)),
        posterior=attention,
    )


class Canned(BatchTranslator):
    """A translator that returns given outputs and records its calls."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self._outputs = outputs
        self.asked: list[tuple[int, int, float, int]] = []

    def translate(
        self,
        texts: Sequence[str],
        beam: int = 1,
        length_penalty: float = 1.0,
        batch_size: int = 64,
    ) -> list[AttendedTranslation]:
        self.asked.append((len(texts), beam, length_penalty, batch_size))
        return [monotone(text, self._outputs[text]) for text in texts]

    def force(
        self, pairs: Sequence[SentencePair], batch_size: int = 64
    ) -> list[AttendedTranslation]:
        return [monotone(pair.source, pair.target, -2.0) for pair in pairs]


PAIRS = [
    SentencePair("나는 학생입니다", "I am a student"),
    SentencePair(
        "물",
        "water",
        GoldAlignment(frozenset({(0, 0)}), frozenset({(0, 0)})),
    ),
    SentencePair("그는 어제 시장에서 사과를 세 개 샀다", "He bought three apples yesterday"),
]
OUTPUTS = {
    "나는 학생입니다": "I am a student",
    "물": "fire",
    "그는 어제 시장에서 사과를 세 개 샀다": "He bought the apples yesterday",
}


def measured(name: str = "toy", changed: Mapping[str, str] = MappingProxyType({})) -> Measured:
    """Measure a system that translates `PAIRS` to `OUTPUTS`, with changes by source."""
    return measure(Canned({**OUTPUTS, **changed}), TestSet(name, PAIRS), OPTIONS, "en")


def report(
    *sets: Measured, path: str = "runs/toy", name: str = "toy.ko-en", beam: int = 2
) -> Report:
    """Make a report of sets; by default of one with `OUTPUTS`."""
    system = SystemReport(
        path=path,
        kind="checkpoint",
        name=name,
        source_language="ko",
        target_language="en",
        step=1200,
        parameters=3_400_000,
        fingerprint=None,
        device="cpu",
    )
    return Report(
        began="2026-01-01T00:00:00+00:00",
        system=system,
        data="toy.toml",
        part="test",
        options=OPTIONS.model_copy(update={"beam": beam}),
        versions={"python": "3.11"},
        machine={"system": "Linux", "cores": 2},
        sets=tuple(found.report for found in sets or [measured()]),
    )
