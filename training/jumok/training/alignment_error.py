"""Alignment error rate."""

from collections.abc import Iterable
from dataclasses import dataclass

from jumok.training.sentence_pair import GoldAlignment, Links


@dataclass(frozen=True, slots=True)
class AlignmentScore:
    """How well predicted links agree with gold links, over a corpus.

    Attributes:
        error_rate: 0 to 1, the lower the better.
        precision: share of predicted links that are possible, 0 to 1.
        recall: share of sure links that are predicted, 0 to 1.
        sentences: number of sentences with gold links.
    """

    error_rate: float
    precision: float
    recall: float
    sentences: int


def alignment_score(aligned: Iterable[tuple[Links, GoldAlignment]]) -> AlignmentScore:
    """Score links A against sure links S and possible links P (Och & Ney 2003, 2.3).

    AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|); precision |A ∩ P| / |A|; recall |A ∩ S| / |S|.

    Links are counted over the corpus, not averaged over its sentences. Where only some target
    words were annotated, A is the links of those words: of the others the gold links say nothing.
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


def _judged(links: Links, annotated_targets: frozenset[int] | None) -> Links:
    if annotated_targets is None:
        return links
    return frozenset(link for link in links if link[1] in annotated_targets)
