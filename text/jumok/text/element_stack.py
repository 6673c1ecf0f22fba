"""The open elements of a document, and what their tags mean for its translation."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from jumok.text.markup_builder import MarkupBuilder


class Layout(Enum):
    """How an element is placed.

    Attributes:
        BLOCK: apart from the text around it.
        INLINE: within a sentence.
        HIDDEN: within a sentence, but no part of what is read, such as a script; not translated.
    """

    BLOCK = auto()
    INLINE = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True)
class OpenElement:
    """An element whose closing tag was not read yet.

    Attributes:
        name: its name.
        layout: how it is placed.
        translated: whether its text is translated.
        keep_space: whether its white space is kept.
    """

    name: str = ""
    layout: Layout = Layout.BLOCK
    translated: bool = True
    keep_space: bool = False


class ElementStack:
    """Passes the tags of a document on to a builder.

    Tags in blocks that are not translated are left out. An element of a sentence that is not
    translated is passed on as one piece, whatever is in it.
    """

    def __init__(self, builder: MarkupBuilder) -> None:
        """Start without open elements."""
        self._builder = builder
        self._elements = [OpenElement()]
        self._names = Counter[str]()
        self._whole: tuple[int, int] | None = None  # where such an element starts, and its depth

    @property
    def top(self) -> OpenElement:
        """The innermost open element."""
        return self._elements[-1]

    @property
    def reads(self) -> bool:
        """Whether text in the innermost element is translated."""
        return self._whole is None and self.top.translated

    def open(self, start: int, end: int, element: OpenElement) -> None:
        """Read an opening tag."""
        outer = self.top
        self._elements.append(element)
        self._names[element.name] += 1
        if self._whole is not None:
            return
        if element.layout is Layout.BLOCK or element.translated > outer.translated:
            self._builder.end_block()
        elif outer.translated and not element.translated:
            self._whole = start, len(self._elements)
        if element.translated and element.layout is not Layout.BLOCK:
            self._builder.add_opening(start, end, element.name)

    def close(self, start: int, end: int, name: str) -> bool:
        """Read a closing tag, also of all elements in it; return False if no such one is open."""
        if not self._names[name]:
            return False
        while self.top.name != name:
            self._close_top(start, start)
        self._close_top(start, end)
        return True

    def close_implied(self, start: int) -> None:
        """Close the innermost element, which has no closing tag."""
        self._close_top(start, start)

    def add_empty(self, start: int, end: int) -> None:
        """Read an element without content, a comment, or a closing tag without partner."""
        if self.reads:
            self._builder.add_empty(start, end)

    def end_block(self) -> None:
        """Read what divides blocks, such as a line break."""
        if self._whole is None:
            self._builder.end_block()

    def finish(self, end: int) -> None:
        """End the text."""
        while len(self._elements) > 1:
            self._close_top(end, end)

    def _close_top(self, start: int, end: int) -> None:
        depth, element = len(self._elements), self._elements.pop()
        self._names[element.name] -= 1
        if self._whole is not None:
            if self._whole[1] == depth:
                hidden = element.layout is Layout.HIDDEN
                add = self._builder.add_empty if hidden else self._builder.add_protected
                add(self._whole[0], end)
                self._whole = None
            return
        if element.translated and element.layout is not Layout.BLOCK and start < end:
            self._builder.add_closing(start, end, element.name)
        if element.layout is Layout.BLOCK or element.translated != self.top.translated:
            self._builder.end_block()


def is_translated(attributes: Mapping[str, str], inherited: bool) -> bool:
    """Return whether an element with these attributes is translated; `inherited` by default."""
    if "notranslate" in attributes.get("class", "").split():
        return False
    value = attributes.get("translate", "").strip().lower()
    return inherited if value not in ("yes", "no") else value == "yes"
