"""Scores of translations: BLEU, chrF, exact matches, alignment error rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics.chrf import CHRF

from jumok.bundle.alignment import AlignmentRule
from jumok.evaluation.scoring.alignment_error import AlignmentScore, alignment_scores
from jumok.evaluation.scoring.batch_translator import AttendedTranslation, BatchTranslator
from jumok.evaluation.scoring.metrics import all_references, bleu, reference_streams
from jumok.evaluation.scoring.sentence_pair import SentencePair


@dataclass(frozen=True, slots=True)
class TextScores:
    """Similarity of translations to their references.

    Attributes:
        bleu: sacreBLEU, cased, 0 to 100.
        bleu_lowercased: sacreBLEU of lower-cased text.
        chrf: chrF2, cased, 0 to 100.
        chrf_lowercased: chrF2 of lower-cased text.
        exact: share of translations equal to a reference, 0 to 1.
        signatures: the sacreBLEU signatures of the first four.
    """

    bleu: float
    bleu_lowercased: float
    chrf: float
    chrf_lowercased: float
    exact: float
    signatures: dict[str, str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Translations of a test set and their scores.

    Attributes:
        sentences: number of sentences.
        text: scores of the translations.
        alignment: scores of the attention over the references, by alignment rule; empty without
            gold links.
        translations: one for each pair, in order.
    """

    sentences: int
    text: TextScores
    alignment: dict[AlignmentRule, AlignmentScore]
    translations: list[AttendedTranslation]


def evaluate(
    translator: BatchTranslator, pairs: Sequence[SentencePair], language: str, beam: int = 1
) -> Evaluation:
    """Translate the sources of `pairs` and score the translations against their references.

    Args:
        translator: the system.
        pairs: the test set.
        language: BCP 47 tag of the target language.
        beam: beam width; 1 is greedy search.
    """
    translations = translator.translate([pair.source for pair in pairs], beam=beam)
    gold = [pair for pair in pairs if pair.alignment is not None]
    return Evaluation(
        sentences=len(pairs),
        text=text_scores(
            [translation.text for translation in translations],
            [all_references(pair) for pair in pairs],
            language,
        ),
        alignment=alignment_scores(translator.force(gold), gold) if gold else {},
        translations=translations,
    )


def text_scores(
    texts: Sequence[str], references: Sequence[Sequence[str]], language: str
) -> TextScores:
    """Score translations.

    Args:
        texts: at least one translation.
        references: one or more for each text.
        language: BCP 47 tag of the target language, which decides how BLEU splits words.
    """
    metrics = {
        "bleu": bleu(language),
        "bleu_lowercased": bleu(language, lowercase=True),
        "chrf": CHRF(),
        "chrf_lowercased": CHRF(lowercase=True),
    }
    streams = reference_streams(references)
    scores = {
        name: float(metric.corpus_score(texts, streams).score) for name, metric in metrics.items()
    }
    exact = sum(text in accepted for text, accepted in zip(texts, references, strict=True))
    return TextScores(
        **scores,
        exact=exact / len(texts),
        signatures={name: str(metric.get_signature()) for name, metric in metrics.items()},
    )
