"""Long plain texts in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.cli.documents.pieces import find_pieces


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in find_pieces(text)]


def test_ordinary_text() -> None:
    """A text is one piece without the white space around it; one without letters is none."""
    assert pieces(" one. two.\n") == ["one. two."]
    assert pieces(" 12 - 3\n") == []


def test_list_markers() -> None:
    """List markers before a text are not sent with it; those of other lines are."""
    assert pieces("  - one\n- two") == ["one\n- two"]
    assert pieces("> 1) one") == ["one"]
    assert pieces("-one") == ["-one"]


@pytest.mark.parametrize(
    ("part", "end"),
    [("A sentence. And\nmore words ", "And"), ("A sentence. And more ", "."), ("a bc ", "bc")],
)
def test_best_boundary(part: str, end: str) -> None:
    """A long text is divided at line breaks, or else sentences, or else words."""
    found = pieces(part * 500)

    assert len(found) > 1
    assert all(piece.endswith(end) for piece in found[:-1])


def test_many_lines() -> None:
    """A piece has at most 200 lines, however short."""
    assert [piece.count("\n") + 1 for piece in pieces("a\n" * 450)] == [200, 200, 50]


@given(st.text("ab .\n", max_size=9000))
def test_all_letters_are_in_pieces(text: str) -> None:
    """Pieces are short, in order and apart, and contain all letters."""
    found = pieces(text)

    assert all(len(piece) <= 2000 and piece == piece.strip() for piece in found)
    assert sum(map(str.isalpha, "".join(found))) == sum(map(str.isalpha, text))
