"""Scores translations: BLEU, chrF, exact matches, alignment error rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from jumok.bundle.alignment import ALIGNMENT_RULES, AlignmentRule
from jumok.training.alignment_error import AlignmentScore, alignment_score
from jumok.training.alignment_rule import word_links
from jumok.training.sentence_pair import SentencePair
from jumok.training.translation import Translation, Translator


@dataclass(frozen=True, slots=True)
class TextScores:
    """How near texts are to their references.

    Attributes:
        bleu: sacreBLEU, cased, 0 to 100.
        bleu_lowercased: sacreBLEU on lower-cased text.
        chrf: chrF2, cased, 0 to 100.
        chrf_lowercased: chrF2 on lower-cased text.
        exact: share of texts equal to their reference, 0 to 1.
        signatures: sacreBLEU's signature of each of the first four.
    """

    bleu: float
    bleu_lowercased: float
    chrf: float
    chrf_lowercased: float
    exact: float
    signatures: dict[str, str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of a system on a test set.

    Attributes:
        sentences: number of sentences.
        text: scores of the translations.
        alignment: by each rule, of the references under teacher forcing against gold links; empty
            where there are none.
        translations: of the sources, in order.
    """

    sentences: int
    text: TextScores
    alignment: dict[AlignmentRule, AlignmentScore]
    translations: list[Translation]


def evaluate(translator: Translator, pairs: Sequence[SentencePair], beam: int = 1) -> Evaluation:
    """Translate the sources of `pairs` and score against their targets."""
    translations = translator.translate([pair.source for pair in pairs], beam=beam)
    gold = [pair for pair in pairs if pair.alignment is not None]
    return Evaluation(
        sentences=len(pairs),
        text=text_scores(
            [translation.text for translation in translations], [pair.target for pair in pairs]
        ),
        alignment=alignment_scores(translator.force(gold), gold) if gold else {},
        translations=translations,
    )


def text_scores(texts: Sequence[str], references: Sequence[str]) -> TextScores:
    """Score texts, one at least, against a reference each."""
    metrics = {
        "bleu": BLEU(),
        "bleu_lowercased": BLEU(lowercase=True),
        "chrf": CHRF(),
        "chrf_lowercased": CHRF(lowercase=True),
    }
    scores = {
        name: float(metric.corpus_score(texts, [references]).score)
        for name, metric in metrics.items()
    }
    exact = sum(text == reference for text, reference in zip(texts, references, strict=True))
    return TextScores(
        **scores,
        exact=exact / len(texts),
        signatures={name: str(metric.get_signature()) for name, metric in metrics.items()},
    )


def alignment_scores(
    forced: Sequence[Translation], pairs: Sequence[SentencePair]
) -> dict[AlignmentRule, AlignmentScore]:
    """Score by each rule the alignment of those pairs that have gold links; empty without any.

    Args:
        forced: the targets of `pairs` under teacher forcing.
        pairs: what was forced.
    """
    gold = [
        (translation, pair.alignment)
        for translation, pair in zip(forced, pairs, strict=True)
        if pair.alignment is not None
    ]
    if not gold:
        return {}
    return {
        rule: alignment_score((word_links(translation, rule), links) for translation, links in gold)
        for rule in ALIGNMENT_RULES
    }
