"""Measure a system on a test set."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sacrebleu.metrics.chrf import CHRF

from jumok.bundle.calibration import Calibration
from jumok.bundle.words import find_words
from jumok.evaluation.attention_shape import attention_shape
from jumok.evaluation.bootstrap import bleu_interval, bleu_statistics
from jumok.evaluation.length_scores import length_scores
from jumok.evaluation.reliability import measure_reliability
from jumok.evaluation.report import DecodingSpeed, Likelihood, Options, ScoredSentence, SetReport
from jumok.evaluation.scoring.alignment_error import alignment_scores
from jumok.evaluation.scoring.batch_translator import AttendedTranslation, BatchTranslator
from jumok.evaluation.scoring.metrics import all_references
from jumok.evaluation.scoring.scores import text_scores
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.evaluation.test_set import TestSet


@dataclass(frozen=True, slots=True)
class Measured:
    """The results on a set.

    Attributes:
        report: all figures.
        translations: the system's translations with their attention.
    """

    report: SetReport
    translations: list[AttendedTranslation]


def measure(
    translator: BatchTranslator,
    test_set: TestSet,
    options: Options,
    language: str,
    advance: Callable[[int], None] = lambda sentences: None,
    calibration: Calibration | None = None,
) -> Measured:
    """Translate the sources of a set, force-decode its references, and compute all figures.

    Args:
        translator: the system.
        test_set: the set.
        options: options of the search.
        language: BCP 47 tag of the target language.
        advance: called after each batch with its number of sentences, once for translation and
            once for forced decoding.
        calibration: calibration of the confidence, whose reliability is then measured.
    """
    pairs = test_set.pairs
    began = time.perf_counter()
    translations = _in_batches(
        lambda some: translator.translate(
            [pair.source for pair in some],
            beam=options.beam,
            length_penalty=options.length_penalty,
            batch_size=options.batch_size,
        ),
        pairs,
        options.batch_size,
        advance,
    )
    seconds = time.perf_counter() - began
    forced = _in_batches(
        lambda some: translator.force(some, batch_size=options.batch_size),
        pairs,
        options.batch_size,
        advance,
    )
    report = _report(test_set, translations, forced, seconds, language)
    if calibration is not None:
        confidences = [calibration.confidence(each.mean_log_prob) for each in translations]
        chrf = [sentence.chrf for sentence in report.translations]
        reliability = measure_reliability(confidences, chrf)
        report = report.model_copy(update={"reliability": reliability})
    return Measured(report, translations)


def _report(
    test_set: TestSet,
    translations: list[AttendedTranslation],
    forced: list[AttendedTranslation],
    seconds: float,
    language: str,
) -> SetReport:
    pairs = test_set.pairs
    texts = [translation.text for translation in translations]
    references = [all_references(pair) for pair in pairs]
    statistics = bleu_statistics(texts, references, language)
    tokens = sum(len(translation.log_probs) for translation in translations)
    return SetReport(
        name=test_set.name,
        sentences=len(pairs),
        text=text_scores(texts, references, language),
        bleu_interval=bleu_interval(statistics),
        length_ratio=_words(texts) / max(1, _words([pair.target for pair in pairs])),
        by_length=length_scores([pair.source for pair in pairs], statistics),
        likelihood=likelihood(forced),
        alignment=alignment_scores(forced, pairs),
        attention=attention_shape(translations),
        decoding=DecodingSpeed(
            seconds=seconds,
            tokens=tokens,
            tokens_per_second=tokens / seconds,
            sentences_per_second=len(pairs) / seconds,
        ),
        translations=_sentences(pairs, translations),
    )


def likelihood(forced: Sequence[AttendedTranslation]) -> Likelihood:
    """Compute loss and perplexity of force-decoded references, over all their tokens."""
    tokens = sum(len(translation.log_probs) for translation in forced)
    loss = -sum(math.fsum(translation.log_probs.tolist()) for translation in forced) / tokens
    return Likelihood(loss=loss, perplexity=math.exp(loss), tokens=tokens)


def _sentences(
    pairs: list[SentencePair], translations: list[AttendedTranslation]
) -> tuple[ScoredSentence, ...]:
    metric = CHRF()
    return tuple(
        ScoredSentence(
            source=pair.source,
            reference=pair.target,
            hypothesis=translation.text,
            further_references=pair.references,
            chrf=metric.sentence_score(translation.text, all_references(pair)).score,
            log_prob=float(translation.log_probs.sum()),
        )
        for pair, translation in zip(pairs, translations, strict=True)
    )


def _words(texts: list[str]) -> int:
    return sum(len(find_words(text)) for text in texts)


def _in_batches(
    work: Callable[[list[SentencePair]], list[AttendedTranslation]],
    pairs: list[SentencePair],
    batch_size: int,
    advance: Callable[[int], None],
) -> list[AttendedTranslation]:
    """Call `work` with batches of pairs of similar source lengths; report progress in between."""
    order = sorted(range(len(pairs)), key=lambda index: len(pairs[index].source))
    done: dict[int, AttendedTranslation] = {}
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        done.update(zip(indices, work([pairs[index] for index in indices]), strict=True))
        advance(len(indices))
    return [done[index] for index in range(len(pairs))]
