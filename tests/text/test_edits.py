"""Edits: a text as the model reads it, and the places of its characters."""

from hypothesis import given
from hypothesis import strategies as st

from jumok.bundle.words import TextSpan
from jumok.text.edits import Edit, EditedText, disjoint

TEXT = "Das <b>rote</b> Auto &amp; ich."
EDITS = [
    Edit(TextSpan(4, 7), ""),
    Edit(TextSpan(11, 15), ""),
    Edit(TextSpan(21, 26), "&"),
]


def test_text_with_edits() -> None:
    """The edited text has the replacements, and each of its ranges has its place in the text."""
    edited = EditedText(TEXT, EDITS)
    assert edited.text == "Das rote Auto & ich."
    assert TEXT[slice(*edited.original(TextSpan(4, 8)))] == "rote"
    assert TEXT[slice(*edited.original(TextSpan(14, 15)))] == "&amp;"
    assert edited.original(TextSpan(4, 4)) == (7, 7)
    assert edited.original(TextSpan(20, 20)) == (len(TEXT), len(TEXT))
    assert [edited.place(place) for place in (0, 4, 7, 11, 15, 22)] == [0, 4, 4, 8, 8, 15]


def test_part_of_a_text() -> None:
    """Edits outside of the part are ignored."""
    edited = EditedText(TEXT, EDITS, TextSpan(4, 15))
    assert (edited.text, edited.original_text) == ("rote", "<b>rote</b>")
    assert edited.original(TextSpan(0, 4)) == (7, 11)


def test_insertion_at_the_end() -> None:
    """An edit can add text where there is none."""
    edited = EditedText("Ja", [Edit(TextSpan(2, 2), ".")])
    assert edited.text == "Ja."
    assert edited.original(TextSpan(2, 3)) == (2, 2)


def test_earlier_candidates_are_preferred() -> None:
    """Of edits that overlap, the first in the argument is kept; the result is sorted."""
    edits = [Edit(TextSpan(*span), "") for span in [(5, 8), (0, 3), (2, 6), (3, 5), (5, 8)]]
    assert [edit.span for edit in disjoint(edits)] == [(0, 3), (3, 5), (5, 8)]


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5), st.text(max_size=4)), max_size=8),
)
def test_every_range_has_its_place(text: str, drawn: list[tuple[int, int, str]]) -> None:
    """Characters that are not replaced are the same in both texts."""
    edits = disjoint(
        Edit(TextSpan(start, start + length), replacement)
        for start, length, replacement in drawn
        if start + length <= len(text)
    )
    edited = EditedText(text, edits)
    replaced = {place for edit in edits for place in range(*edit.span)}
    kept = [place for place in range(len(text)) if place not in replaced]
    assert len(edited.text) == len(kept) + sum(len(edit.replacement) for edit in edits)
    for place in kept:
        assert edited.text[edited.place(place)] == text[place]
        assert edited.original(TextSpan(edited.place(place), edited.place(place) + 1)) == (
            place,
            place + 1,
        )
