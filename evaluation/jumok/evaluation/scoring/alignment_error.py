"""Alignment error rate of attention."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jumok.bundle.alignment import ALIGNMENT_RULES, AlignmentRule, word_alignment
from jumok.evaluation.scoring.batch_translator import AttendedTranslation
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair


@dataclass(frozen=True, slots=True)
class AlignmentScore:
    """Agreement of predicted links with gold links over a corpus.

    Attributes:
        error_rate: 0 to 1; lower is better.
        precision: share of the predicted links that are possible, 0 to 1.
        recall: share of the sure links that are predicted, 0 to 1.
        sentences: number of sentences with gold links.
    """

    error_rate: float
    precision: float
    recall: float
    sentences: int


def alignment_score(aligned: Iterable[tuple[Links, GoldAlignment]]) -> AlignmentScore:
    """Score links A against sure links S and possible links P (Och & Ney 2003, section 2.3).

    AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|); precision |A ∩ P| / |A|; recall |A ∩ S| / |S|.

    Links are counted over the whole corpus, not averaged over sentences. If only some target words
    were annotated, A contains only the links of those words.
    """
    sentences = predicted = sure = in_sure = in_possible = 0
    for links, gold in aligned:
        judged = _judged(links, gold.annotated_targets)
        sentences += 1
        predicted += len(judged)
        sure += len(gold.sure)
        in_sure += len(judged & gold.sure)
        in_possible += len(judged & gold.possible)
    return AlignmentScore(
        error_rate=1 - (in_sure + in_possible) / max(1, predicted + sure),
        precision=in_possible / max(1, predicted),
        recall=in_sure / max(1, sure),
        sentences=sentences,
    )


def alignment_scores(
    forced: Sequence[AttendedTranslation], pairs: Sequence[SentencePair]
) -> dict[AlignmentRule, AlignmentScore]:
    """Score the attention over references by each alignment rule.

    Args:
        forced: the targets of `pairs`, force-decoded.
        pairs: sentence pairs; those without gold links are ignored.

    Returns:
        A score for each rule; empty if no pair has gold links.
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


def word_links(translation: AttendedTranslation, rule: AlignmentRule = "writes") -> Links:
    """Link each target word to the source word that it attends to most, according to a rule.

    The rule "posterior" needs a translation that has posterior attention.
    """
    attention = translation.posterior if rule == "posterior" else translation.attention
    assert attention is not None, "posterior attention was not requested"
    links = word_alignment(attention, translation.source_words, translation.target_words, rule)
    return frozenset((link.source_word, link.target_word) for link in links)


def _judged(links: Links, annotated_targets: frozenset[int] | None) -> Links:
    if annotated_targets is None:
        return links
    return frozenset(link for link in links if link[1] in annotated_targets)
