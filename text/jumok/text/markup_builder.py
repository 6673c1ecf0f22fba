"""Collect the blocks, tags, and edits of a marked text, whatever its markup."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from jumok.bundle.words import TextSpan
from jumok.text.edits import Edit
from jumok.text.marked_text import InlineElement, MarkedText

_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
_RUN: Final = re.compile(r"[ \t\n\r\f]+|[^ \t\n\r\f]+(?: [^ \t\n\r\f]+)*")
_COLLAPSED: Final = re.compile(r"[ \t\n\r\f]{2,}|[\n\r\f]")

_DEEPEST: Final = 50
"""Tags that are nested deeper have no partner."""


class _Kind(Enum):
    TEXT = auto()
    SPACE = auto()
    PROTECTED = auto()
    OPENING = auto()
    CLOSING = auto()
    EMPTY = auto()


class _Piece(NamedTuple):
    """A part of a block; `content` is what the model reads, or the name of a tag."""

    kind: _Kind
    span: TextSpan
    content: str = ""


class MarkupBuilder:
    """Collects the pieces of a text in ascending order, block by block.

    What is between two pieces is kept in the translation; within a block, pieces must be adjacent.
    """

    def __init__(self, text: str, escape: Callable[[str], Sequence[str]]) -> None:
        """Start with a text without blocks; `escape` as in `MarkedText`."""
        self._text, self._escape = text, escape
        self._pieces = list[_Piece]()
        self._blocks = list[TextSpan]()
        self._edits = list[Edit]()
        self._elements = list[InlineElement]()
        self._protected = list[TextSpan]()

    def add_text(self, start: int, end: int, keep_space: bool = False) -> None:
        """Add text that is translated as it is, except for white space unless `keep_space`."""
        for match in _RUN.finditer(self._text, start, end):
            run, span = match[0], TextSpan(*match.span())
            if keep_space or not _SPACE.fullmatch(run):
                self._pieces.append(_Piece(_Kind.TEXT, span, run))
            else:
                self._pieces.append(_Piece(_Kind.SPACE, span, _COLLAPSED.sub(" ", run)))

    def add_replaced(
        self, start: int, end: int, replacement: str, keep_space: bool = False
    ) -> None:
        """Add what the model reads otherwise, such as an entity."""
        span = TextSpan(start, end)
        if keep_space or not _SPACE.fullmatch(replacement):
            self._pieces.append(_Piece(_Kind.TEXT, span, replacement))
        else:
            self._pieces.append(_Piece(_Kind.SPACE, span, " "))

    def add_protected(self, start: int, end: int) -> None:
        """Add what is copied unchanged."""
        self._pieces.append(_Piece(_Kind.PROTECTED, TextSpan(start, end)))

    def add_opening(self, start: int, end: int, name: str) -> None:
        """Add an opening tag."""
        self._pieces.append(_Piece(_Kind.OPENING, TextSpan(start, end), name))

    def add_closing(self, start: int, end: int, name: str) -> None:
        """Add a closing tag."""
        self._pieces.append(_Piece(_Kind.CLOSING, TextSpan(start, end), name))

    def add_empty(self, start: int, end: int) -> None:
        """Add an element without text, such as an image or a comment."""
        self._pieces.append(_Piece(_Kind.EMPTY, TextSpan(start, end)))

    def end_block(self) -> None:
        """Make a block of the pieces since the last one, unless they have no letter."""
        pieces, self._pieces = self._pieces, []
        if any(
            piece.kind is _Kind.TEXT and any(map(str.isalpha, piece.content)) for piece in pieces
        ):
            self._add_block(pieces)

    def build(self) -> MarkedText:
        """End the last block, and return all."""
        self.end_block()
        return MarkedText(
            self._text,
            tuple(self._blocks),
            tuple(self._edits),
            tuple(self._elements),
            tuple(self._protected),
            self._escape,
        )

    def _add_block(self, pieces: Sequence[_Piece]) -> None:
        partners = _partners(pieces)
        first, last = _trimmed(pieces, partners)
        self._blocks.append(TextSpan(pieces[first].span.start, pieces[last].span.end))
        closings = set(partners.values())
        for place in range(first, last + 1):
            kind, span, _ = pieces[place]
            if kind is _Kind.PROTECTED:
                self._protected.append(span)
            elif kind in (_Kind.OPENING, _Kind.CLOSING, _Kind.EMPTY) and place not in closings:
                partner = partners.get(place)
                closing = None if partner is None else pieces[partner].span
                self._elements.append(InlineElement(span, closing))
        self._edits += _edits(self._text, pieces[first : last + 1])


def _partners(pieces: Sequence[_Piece]) -> dict[int, int]:
    """Return the closing tag of each opening tag that has one; no two such pairs cross."""
    partners, waiting, names = dict[int, int](), list[int](), Counter[str]()
    for place, (kind, _, name) in enumerate(pieces):
        if kind is _Kind.OPENING:
            if len(waiting) < _DEEPEST:
                waiting.append(place)
                names[name] += 1
        elif kind is _Kind.CLOSING and names[name]:
            while True:  # tags that were opened since, and not closed, have no partner
                opening = waiting.pop()
                names[pieces[opening].content] -= 1
                if pieces[opening].content == name:
                    break
            partners[opening] = place
    return partners


def _trimmed(pieces: Sequence[_Piece], partners: dict[int, int]) -> tuple[int, int]:
    """Return the first and last piece of a block without what surrounds all of its text."""
    shown = [
        place
        for place, piece in enumerate(pieces)
        if piece.kind is _Kind.PROTECTED
        or (piece.kind is _Kind.TEXT and piece.content and not piece.content.isspace())
    ]
    first, last = shown[0], shown[-1]
    # an element that surrounds only a part of the text belongs to the block
    starts = [opening for opening, closing in partners.items() if opening < first < closing < last]
    ends = [closing for opening, closing in partners.items() if first < opening < last < closing]
    return min([first, *starts]), max([last, *ends])


def _edits(text: str, pieces: Sequence[_Piece]) -> Iterator[Edit]:
    after_space = False
    for kind, span, content in pieces:
        if kind is _Kind.SPACE:
            shown = "" if after_space else content
            after_space = True
        elif kind in (_Kind.TEXT, _Kind.PROTECTED):
            shown = content if kind is _Kind.TEXT else text[slice(*span)]
            after_space = False
        else:
            shown = ""  # a tag: white space before and after it is one run
        if shown != text[slice(*span)]:
            yield Edit(span, shown)
