"""Scores translations: BLEU, chrF, exact matches, alignment error rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from training.alignment_error import AlignmentScore, alignment_score
from training.sentence_pair import SentencePair
from training.translation import Translation, Translator


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of a system on a test set.

    Attributes:
        sentences: number of sentences.
        bleu: sacreBLEU, cased, 0 to 100.
        bleu_lowercased: sacreBLEU on lower-cased text.
        chrf: chrF2, 0 to 100.
        exact: share of translations equal to their reference, 0 to 1.
        alignment: of the references under teacher forcing, against gold links; none where
            there are none.
        signatures: sacreBLEU's signature of each figure.
        translations: of the sources, in order.
    """

    sentences: int
    bleu: float
    bleu_lowercased: float
    chrf: float
    exact: float
    alignment: AlignmentScore | None
    signatures: dict[str, str]
    translations: list[Translation]


def evaluate(translator: Translator, pairs: Sequence[SentencePair]) -> Evaluation:
    """Translate the sources of `pairs` and score against their targets."""
    translations = translator.translate([pair.source for pair in pairs])
    texts = [translation.text for translation in translations]
    references = [[pair.target for pair in pairs]]
    metrics = {"bleu": BLEU(), "bleu_lowercased": BLEU(lowercase=True), "chrf": CHRF()}
    scores = {name: metric.corpus_score(texts, references) for name, metric in metrics.items()}
    gold = [(pair, pair.alignment) for pair in pairs if pair.alignment is not None]
    forced = translator.align([pair for pair, _ in gold])
    aligned = list(zip(forced, (alignment for _, alignment in gold), strict=True))
    exact = sum(text == pair.target for text, pair in zip(texts, pairs, strict=True))
    return Evaluation(
        sentences=len(pairs),
        bleu=scores["bleu"].score,
        bleu_lowercased=scores["bleu_lowercased"].score,
        chrf=scores["chrf"].score,
        exact=exact / len(pairs),
        alignment=alignment_score(aligned) if aligned else None,
        signatures={name: str(metric.get_signature()) for name, metric in metrics.items()},
        translations=translations,
    )
