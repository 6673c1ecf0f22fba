"""A text some ranges of which are replaced by translations."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from jumok.cli.documents.document import Passage
from jumok.cli.documents.encoded_text import EncodedText
from jumok.cli.documents.pieces import find_pieces
from jumok.client.requests import TextFormat


@dataclass(frozen=True, slots=True)
class Slot:
    """A range of a document that a translation is written to.

    Attributes:
        start: where it begins, in code points.
        end: where it ends.
        text: what is translated.
        format: how that is marked up.
        write: makes of the translation what is written.
        holds_text: whether the range is the text itself, which then stays as it is spelt if the
            translation is the same.
        place: where it is, for messages; empty for the line.
    """

    start: int
    end: int
    text: str
    format: TextFormat = "plain"
    write: Callable[[str], str] = str
    holds_text: bool = True
    place: str = ""


class SlottedDocument:
    """A document that is one text; the passages are those of its slots, in order."""

    def __init__(self, encoded: EncodedText, slots: Iterable[Slot]) -> None:
        """Divide long slots of plain text; those without letters are left out.

        Args:
            encoded: the text.
            slots: in ascending order, apart from each other.
        """
        self._encoded = encoded
        self._slots = [(slot, pieces) for slot in slots if (pieces := _pieces(slot))]
        self.passages: Sequence[Passage] = list(self._passages())

    def written(self, translations: Sequence[str | None]) -> bytes:
        """Return the document with slots replaced of which every passage has a translation."""
        text, end = self._encoded.text, 0
        parts = list[str]()
        remaining = iter(translations)
        for slot, pieces in self._slots:
            found = [next(remaining) for _ in pieces]
            translation = _joined(slot.text, pieces, found)
            if translation is None or (slot.holds_text and translation == slot.text):
                continue
            parts += text[end : slot.start], slot.write(translation)
            end = slot.end
        return self._encoded.encoded("".join(parts) + text[end:])

    def _passages(self) -> Iterable[Passage]:
        text, line, counted = self._encoded.text, 1, 0
        for slot, pieces in self._slots:
            line += text.count("\n", counted, slot.start)
            counted = slot.start
            for start, end in pieces:
                place = slot.place or f"line {line}"
                yield Passage(slot.text[start:end], slot.format, place)


def _pieces(slot: Slot) -> list[tuple[int, int]]:
    return list(find_pieces(slot.text)) if slot.format == "plain" else [(0, len(slot.text))]


def _joined(
    text: str, pieces: Iterable[tuple[int, int]], translations: Iterable[str | None]
) -> str | None:
    """Return the text with its pieces replaced; None if a translation is missing."""
    parts, last = list[str](), 0
    for (start, end), translation in zip(pieces, translations, strict=True):
        if translation is None:
            return None
        parts += text[last:start], translation
        last = end
    return "".join(parts) + text[last:]
