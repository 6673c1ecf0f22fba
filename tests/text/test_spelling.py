"""Spelling variants: characters that look different and mean the same."""

import unicodedata

import pytest

from jumok.text.spelling import find_variants, standard_spelling


@pytest.mark.parametrize(
    ("text", "standard"),
    [
        ("„gut“ «gut» “gut”", '"gut" "gut" "gut"'),
        ("it’s ‘so’", "it's 'so'"),
        ("한\u200b국\ufeff어\u00ad", "한국어"),
        ("1\u00a0000\u202fm\u3000x", "1 000 m x"),
        ("Ｈｅｌｌｏ！？", "Hello!?"),
        (unicodedata.normalize("NFD", "학생입니다"), "학생입니다"),
        (unicodedata.normalize("NFD", "schön"), "schön"),
        ("ganz normal, 1–2 km", "ganz normal, 1–2 km"),
    ],
)
def test_standard_spelling(text: str, standard: str) -> None:
    """Variants are replaced, and nothing else."""
    assert standard_spelling(text) == standard
    edits = list(find_variants(text))
    assert bool(edits) == (text != standard)
    for edit in edits:
        assert standard_spelling(text[slice(*edit.span)]) == edit.replacement
