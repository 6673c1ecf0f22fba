"""The elements of an XML document, and where they are in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from jumok.cli.documents.errors import DocumentError

_TAG: Final = re.compile(rb"""<(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")


@dataclass(slots=True, eq=False)
class Element:
    """An element; places are in code points.

    Attributes:
        tag: its name, with the prefix if it has one.
        attributes: its attributes, as they are spelt.
        parent: the element that it is in.
        start: where its opening tag starts.
        content_start: where its content starts.
        content_end: where its content ends.
        end: where its closing tag ends.
        children: the elements in it.
    """

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    start: int
    content_start: int
    content_end: int = 0
    end: int = 0
    children: list["Element"] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name without prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def is_empty(self) -> bool:
        """Whether it is a single tag."""
        return self.content_start == self.end

    def child(self, name: str) -> "Element | None":
        """Return the first child of a name, without prefix."""
        return next((child for child in self.children if child.name == name), None)

    def descendants(self) -> Iterator["Element"]:
        """Yield all elements in it, in the order of their opening tags."""
        waiting = self.children[::-1]
        while waiting:
            yield (element := waiting.pop())
            waiting += element.children[::-1]

    def inherited(self, attribute: str) -> str:
        """Return an attribute of the element, or of the nearest one around it that has it."""
        element: Element | None = self
        while element is not None and attribute not in element.attributes:
            element = element.parent
        return "" if element is None else element.attributes[attribute]


def read_elements(text: str) -> Element:
    """Return what contains the elements of a document.

    Raises:
        DocumentError: it is not well-formed XML, or declares entities.
    """
    return _Reader(text).document


class _Reader:
    def __init__(self, text: str) -> None:
        self.document = self._open = Element("", {}, None, 0, 0, len(text), len(text))
        self._data = text.encode("utf-8", "replace")
        self._byte = self._place = 0
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._refuse_entity
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise DocumentError(
                f"line {error.lineno} is not well-formed XML ({expat.ErrorString(error.code)}): "
                "correct it"
            ) from None

    def _count_to(self, byte: int) -> int:
        """Return the place of a byte, which is not before the last one that was asked for."""
        self._place += len(self._data[self._byte : byte].decode())
        self._byte = byte
        return self._place

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        first = self._parser.CurrentByteIndex
        match = _TAG.match(self._data, first)
        assert match, "the text is well-formed up to here"
        start, content = self._count_to(first), self._count_to(match.end())
        element = Element(tag, attributes, self._open, start, content)
        if match[0].endswith(b"/>"):
            element.content_end = element.end = content
        self._open.children.append(element)
        self._open = element

    def _end(self, tag: str) -> None:
        element, first = self._open, self._parser.CurrentByteIndex
        if not element.end:
            element.content_end = self._count_to(first)
            element.end = self._count_to(self._data.index(b">", first) + 1)
        assert element.parent is not None, "only the document has no parent"
        self._open = element.parent

    def _refuse_entity(self, *_: object) -> None:
        raise DocumentError(
            f"line {self._parser.CurrentLineNumber} declares an entity: write what it stands for "
            "wherever it is used, and remove the declaration"
        )
