"""Texts with places for translations."""

from jumok.cli.documents.encoded_text import EncodedText
from jumok.cli.documents.slots import Slot, SlottedDocument


def document(text: str, *slots: Slot) -> SlottedDocument:
    return SlottedDocument(EncodedText.decoded(text.encode()), slots)


def test_places_are_lines() -> None:
    """A passage is at the line of its slot, unless the slot names another place."""
    text = "one\ntwo\n\nfour"
    slots = [Slot(0, 3, "one"), Slot(4, 7, "two", place="here"), Slot(9, 13, "four")]

    places = [passage.place for passage in document(text, *slots).passages]
    assert places == ["line 1", "here", "line 4"]


def test_text_without_letters_is_no_passage() -> None:
    """Numbers and rules are not sent."""
    assert not document("1 -- 2", Slot(0, 6, "1 -- 2")).passages


def test_long_slot() -> None:
    """The passages of a long slot are put together again; without one, the slot stays."""
    text = "word word. " * 600
    slotted = document(text, Slot(0, len(text), text))
    passages = [passage.text for passage in slotted.passages]

    assert len(passages) > 2
    assert slotted.written([passage.upper() for passage in passages]).decode() == text.upper()
    assert slotted.written([*passages[:-1], None]).decode() == text


def test_same_translation() -> None:
    """A text that is its own translation stays as it is spelt, but an empty place is filled."""
    spelt, empty = Slot(0, 1, "a", write="<{}>".format), Slot(1, 1, "a", holds_text=False)

    assert document("A", spelt, empty).written(["a", "a"]) == b"Aa"
