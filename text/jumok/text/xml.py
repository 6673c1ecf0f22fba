"""Read XML as a text with markup."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final
from xml.parsers import expat

from jumok.text.element_stack import ElementStack, Layout, OpenElement, is_translated
from jumok.text.errors import MarkupError
from jumok.text.marked_text import MarkedText
from jumok.text.markup_builder import MarkupBuilder

_PROLOG: Final = re.compile(
    r"\ufeff?(?:<\?xml\s|(?:\s++|<!--(?>.*?-->)|<\?(?>.*?\?>))*+<!DOCTYPE)", re.DOTALL
)
"""The start of a document that cannot be put inside of another element."""


class _Kind(Enum):
    OPENING = auto()
    CLOSING = auto()
    TEXT = auto()
    ENTITY = auto()
    COMMENT = auto()
    """Also a processing instruction."""
    CDATA = auto()
    CDATA_END = auto()
    OTHER = auto()


@dataclass(slots=True)
class _Event:
    """What starts at a place of the text.

    Attributes:
        kind: what it is.
        place: where it starts, in bytes, later in code points.
        content: the name of a tag, or what an entity stands for.
        attributes: those of an opening tag.
        has_text: whether it is an element that has text of its own.
        outer: the element that it is in.
    """

    kind: _Kind
    place: int
    content: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    has_text: bool = False
    outer: "_Event | None" = None


def parse_xml(text: str) -> MarkedText:
    """Return a document, or a part of one without root, as a text with markup.

    An element with text beside it, or inside of such an element, is within a sentence; others are
    blocks. `translate="no"` and the class `notranslate` are followed as in HTML, and
    `xml:space="preserve"` as in XML. CDATA sections are protected, so a block of nothing else is
    kept as it is. Attributes are not translated.

    Raises:
        MarkupError: the text is not well-formed, or declares entities.
    """
    builder = MarkupBuilder(text, escape_xml)
    stack = ElementStack(builder)
    events = _Reader(text).events
    ends = [*(event.place for event in events), len(text)][1:]
    section: int | None = None  # where a CDATA section starts
    for event, end in zip(events, ends, strict=False):
        start, kind = event.place, event.kind
        if kind is _Kind.OPENING:
            _open(stack, event, end, text.endswith("/>", start, end))
        elif kind is _Kind.CLOSING and start < end:  # there is none after <x/>
            stack.close(start, end, event.content)
        elif kind is _Kind.COMMENT:
            stack.add_empty(start, end)
        elif not stack.reads:
            continue
        elif kind is _Kind.CDATA:
            section = start
        elif kind is _Kind.CDATA_END and section is not None:
            builder.add_protected(section, end)
            section = None
        elif kind is _Kind.ENTITY and event.content:
            builder.add_replaced(start, end, event.content, stack.top.keep_space)
        elif kind is _Kind.ENTITY:
            builder.add_protected(start, end)
        elif kind is _Kind.TEXT and section is None:
            builder.add_text(start, end, stack.top.keep_space)
    return builder.build()


def escape_xml(text: str) -> Sequence[str]:
    """Return what XML has for each character of a text."""
    return [html.escape(character, quote=False) for character in text]


def _open(stack: ElementStack, event: _Event, end: int, is_empty: bool) -> None:
    top = stack.top
    beside_text = event.outer is not None and event.outer.has_text
    layout = Layout.INLINE if beside_text or top.layout is Layout.INLINE else Layout.BLOCK
    if is_empty:
        if layout is Layout.INLINE:
            stack.add_empty(event.place, end)
        else:
            stack.end_block()
        return
    space = event.attributes.get("xml:space")
    keep_space = space == "preserve" if space else top.keep_space
    translated = is_translated(event.attributes, top.translated)
    stack.open(event.place, end, OpenElement(event.content, layout, translated, keep_space))


class _Reader:
    """Reads the events of a text; those of an artificial root are left out."""

    def __init__(self, text: str) -> None:
        self.events = list[_Event]()
        root = "" if _PROLOG.match(text) else "text"
        before, after = (f"<{root}>", f"</{root}>") if root else ("", "")
        self._text = text
        self._data = f"{before}{text}{after}".encode("utf-8", "replace")
        self._start = len(before)
        self._elements = [_Event(_Kind.OTHER, 0)]
        self._in_section = False
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._read_text
        parser.CommentHandler = lambda content: self._add(_Kind.COMMENT)
        parser.ProcessingInstructionHandler = lambda target, content: self._add(_Kind.COMMENT)
        parser.StartCdataSectionHandler = lambda: self._mark_section(True)
        parser.EndCdataSectionHandler = lambda: self._mark_section(False)
        parser.SkippedEntityHandler = self._skip_entity
        parser.EntityDeclHandler = self._refuse_entity
        parser.DefaultHandler = lambda content: self._add(_Kind.OTHER)
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise MarkupError(
                f"The text is not well-formed XML at {self._line(parser.ErrorByteIndex)} "
                f"({expat.ErrorString(error.code)}): correct it there, or send it as plain text."
            ) from None
        if root:
            self.events = self.events[1:-1]
        self._count_characters()

    def _add(self, kind: _Kind, content: str = "") -> _Event:
        event = _Event(kind, self._parser.CurrentByteIndex, content, outer=self._elements[-1])
        self.events.append(event)
        return event

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        event = self._add(_Kind.OPENING, name)
        event.attributes = attributes
        self._elements.append(event)

    def _close(self, name: str) -> None:
        self._elements.pop()
        self._add(_Kind.CLOSING, name)

    def _read_text(self, content: str) -> None:
        last = self.events[-1].kind
        if not content.isspace():
            self._elements[-1].has_text = True
        place = self._parser.CurrentByteIndex
        if not self._in_section and self._data[place : place + 1] == b"&":
            self._add(_Kind.ENTITY, content)
        elif last is not _Kind.TEXT:  # expat reports each line
            self._add(_Kind.TEXT)

    def _mark_section(self, begins: bool) -> None:
        self._in_section = begins
        self._add(_Kind.CDATA if begins else _Kind.CDATA_END)

    def _skip_entity(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            known = html.unescape(f"&{name};")
            self._add(_Kind.ENTITY, "" if known.startswith("&") else known)

    def _refuse_entity(self, *_: object) -> None:
        raise MarkupError(
            f"The XML declares an entity at {self._line(self._parser.CurrentByteIndex)}: "
            "write what it stands for wherever it is used, and remove the declaration."
        )

    def _line(self, place: int) -> str:
        """Return the line and column of a byte."""
        before = self._data[self._start : max(self._start, place)].decode("utf-8", "ignore")
        before = before[: len(self._text)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return f"line {line}, column {column}"

    def _count_characters(self) -> None:
        """Turn the places of events from bytes into code points."""
        last, count = self._start, 0
        for event in self.events:
            count += len(self._data[last : event.place].decode())
            last, event.place = event.place, count
