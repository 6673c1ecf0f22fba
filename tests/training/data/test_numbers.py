"""Generated sentences with numbers."""

import re

import pytest

from jumok.training.data.korean_numbers import native
from jumok.training.data.numbers import number_pairs


@pytest.mark.parametrize(
    ("number", "alone", "before_noun"),
    [
        (1, "하나", "한"),
        (4, "넷", "네"),
        (10, "열", "열"),
        (20, "스물", "스무"),
        (21, "스물하나", "스물한"),
        (65, "예순다섯", "예순다섯"),
        (99, "아흔아홉", "아흔아홉"),
    ],
)
def test_native_numbers(number: int, alone: str, before_noun: str) -> None:
    """Native Korean numbers change before a counter."""
    assert native(number) == alone
    assert native(number, before_noun=True) == before_noun


@pytest.mark.parametrize("language", ["ko", "de"])
def test_number_pairs(language: str) -> None:
    """All pairs are different, complete and reproducible."""
    pairs = number_pairs(language, 3000)
    assert pairs == number_pairs(language, 3000)
    assert pairs != number_pairs(language, 3000, seed=1)
    assert len({(pair.source, pair.target) for pair in pairs}) == 3000
    for pair in pairs:
        for text in (pair.source, pair.target):
            assert not re.search(r"[{}()]|\.\.|\s\s|^\s|\s$", text), text
            assert text[0].isupper() or not text[0].isalpha() or text[0] >= "가", text


def test_sentences() -> None:
    """Both Korean systems of numbers, particles and German clock times occur."""
    korean, german = (
        {pair.source: pair.target for pair in number_pairs(language, 8000)}
        for language in ("ko", "de")
    )
    assert korean["지금 세 시 십 분이에요."] == "It's 3:10 now."
    assert korean["백칠십만 원이에요."] == "It's 1,700,000 won."
    assert german["Es ist Viertel vor eins."] == "It's a quarter to one."
    assert german["Es ist halb drei."] in ("It's half past two.", "It's 2:30.")


def test_other_language() -> None:
    """A language without patterns is an error."""
    with pytest.raises(ValueError, match="generated for ko, de, not fr"):
        number_pairs("fr", 1)
