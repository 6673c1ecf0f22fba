"""Filters of training pairs."""

import pytest

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.cleaning import cleaned
from jumok.training.data.configuration import Cleaning

BOOK, WATER, SAME = SentencePair("책", "book"), SentencePair("물", "water"), SentencePair("a", "a")
LONG = SentencePair("물", "water " * 3)  # 3 and 18 bytes


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, [BOOK, SAME, BOOK, LONG, WATER]),
        ({"drop_identical": True}, [BOOK, BOOK, LONG, WATER]),
        ({"drop_repeated": True}, [BOOK, SAME, LONG]),
        ({"max_length_ratio": 6}, [BOOK, SAME, BOOK, LONG, WATER]),
        ({"max_length_ratio": 5.9}, [BOOK, SAME, BOOK, WATER]),
    ],
)
def test_cleaned(settings: dict[str, float], kept: list[SentencePair]) -> None:
    """Each filter removes its pairs; by default nothing is removed."""
    seen = {(WATER.source, WATER.target)}
    pairs = [BOOK, SAME, BOOK, LONG, WATER]
    assert cleaned(pairs, Cleaning.model_validate(settings), seen) == kept


def test_left_out_is_not_seen() -> None:
    """A removed pair does not count as seen."""
    seen: set[tuple[str, str]] = set()
    cleaned([SAME, BOOK], Cleaning(drop_identical=True), seen)
    assert seen == {("책", "book")}
