"""A text as the model reads it, and where its characters are in the text as sent."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from jumok.bundle.words import TextSpan


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of a text that the model reads otherwise.

    Attributes:
        span: where it is in the text as sent.
        replacement: what the model reads instead; may be empty.
    """

    span: TextSpan
    replacement: str


class Ranged(Protocol):
    """Anything that has a range."""

    @property
    def span(self) -> TextSpan:
        """The range."""
        ...


_Ranged = TypeVar("_Ranged", bound=Ranged)


def disjoint(candidates: Iterable[_Ranged]) -> list[_Ranged]:
    """Return, in ascending order, the candidates that overlap none before them in the argument."""
    kept, starts = list[_Ranged](), list[int]()
    for candidate in candidates:
        start, end = candidate.span
        place = bisect_left(starts, start)
        if not (
            (place > 0 and kept[place - 1].span.end > start)
            or (place < len(kept) and kept[place].span.start < end)
            or (place < len(kept) and kept[place].span == candidate.span)
        ):
            kept.insert(place, candidate)
            starts.insert(place, start)
    return kept


class EditedText:
    """A part of a text with edits applied.

    Attributes:
        text: the text as the model reads it.
        document: all of the text as sent.
        span: the part of it.
    """

    def __init__(self, text: str, edits: Iterable[Edit], span: TextSpan | None = None) -> None:
        """Apply edits.

        Args:
            text: the text as sent.
            edits: edits in ascending order that do not overlap. Those outside `span` are ignored;
                none may cross its bounds.
            span: the part to edit, by default the whole text.
        """
        self.document = text
        self.span = span = span or TextSpan(0, len(text))
        parts, place = list[str](), span.start
        self._starts, self._ends = list[int](), list[int]()
        for edit in edits:
            if edit.span.end <= span.start and edit.span.start < span.start:
                continue
            if edit.span.end > span.end:
                break
            self._keep(place, edit.span.start)
            parts += text[place : edit.span.start], edit.replacement
            self._starts += [edit.span.start] * len(edit.replacement)
            self._ends += [edit.span.end] * len(edit.replacement)
            place = edit.span.end
        self._keep(place, span.end)
        parts.append(text[place : span.end])
        self.text = "".join(parts)

    def _keep(self, start: int, end: int) -> None:
        self._starts += range(start, end)
        self._ends += range(start + 1, end + 1)

    @property
    def original_text(self) -> str:
        """The part as sent."""
        return self.document[slice(*self.span)]

    def original(self, span: TextSpan) -> TextSpan:
        """Return where a range of `self.text` is in the text as sent.

        A range that contains a part of a replacement contains all of what was replaced.
        """
        start, end = span
        if start < end:
            return TextSpan(self._starts[start], self._ends[end - 1])
        place = self._starts[start] if start < len(self._starts) else self.span.end
        return TextSpan(place, place)

    def place(self, original: int) -> int:
        """Return where a place of the text as sent, or the next one after it, is in `self.text`."""
        return bisect_left(self._starts, original)
