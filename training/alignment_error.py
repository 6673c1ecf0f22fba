"""Alignment error rate."""

from collections.abc import Iterable
from dataclasses import dataclass

from training.sentence_pair import GoldAlignment, Links


@dataclass(frozen=True, slots=True)
class AlignmentScore:
    """How well predicted links agree with gold links, over a corpus."""

    error_rate: float
    precision: float
    recall: float


def alignment_score(aligned: Iterable[tuple[Links, GoldAlignment]]) -> AlignmentScore:
    """Score links A against sure links S and possible links P (Och & Ney 2003, 2.3).

    AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|); precision |A ∩ P| / |A|; recall |A ∩ S| / |S|.
    """
    predicted = sure = in_sure = in_possible = 0
    for links, gold in aligned:
        predicted += len(links)
        sure += len(gold.sure)
        in_sure += len(links & gold.sure)
        in_possible += len(links & gold.possible)
    return AlignmentScore(
        error_rate=1 - (in_sure + in_possible) / max(1, predicted + sure),
        precision=in_possible / max(1, predicted),
        recall=in_sure / max(1, sure),
    )
