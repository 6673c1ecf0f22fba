"""Remove training pairs that are useless for training."""

from collections.abc import Iterable

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.configuration import Cleaning


def cleaned(
    pairs: Iterable[SentencePair], cleaning: Cleaning, seen: set[tuple[str, str]]
) -> list[SentencePair]:
    """Return the pairs that pass the configured filters.

    Args:
        pairs: pairs of one file.
        cleaning: the filters.
        seen: texts of the pairs kept so far, from all files; updated.
    """
    kept = []
    for pair in pairs:
        texts = (pair.source, pair.target)
        if cleaning.drop_identical and pair.source == pair.target:
            continue
        if cleaning.drop_repeated and texts in seen:
            continue
        if cleaning.max_length_ratio is not None:
            shorter, longer = sorted(len(text.encode()) for text in texts)
            if longer > cleaning.max_length_ratio * shorter:
                continue
        seen.add(texts)
        kept.append(pair)
    return kept
