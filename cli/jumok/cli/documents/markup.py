"""HTML, XML and Markdown: the blocks that the service, too, finds in them."""

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from jumok.bundle.words import TextSpan
from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.slots import Slot
from jumok.text.errors import MarkupError
from jumok.text.html import parse_html
from jumok.text.markdown import parse_markdown
from jumok.text.marked_text import MarkedText
from jumok.text.xml import parse_xml

Markup = Literal["html", "xml", "markdown"]

_PARSERS: Final[dict[Markup, Callable[[str], MarkedText]]] = {
    "html": parse_html,
    "xml": parse_xml,
    "markdown": parse_markdown,
}
_BREAK: Final = re.compile(r"(?=[^\n]*\n)[\s>]+")
"""A line break, and the markers of a quotation after it."""

_DEFINITION: Final = re.compile(r"^ {0,3}\[(?P<label>(?!\^)[^\]\n]+)\]:[ \t]*\S[^\n\r]*", re.M)
_LABEL: Final = re.compile(r"\[[^\[\]]+\]")


class _Context(NamedTuple):
    """What is sent around a block so that it is read alone as in its document."""

    before: str = ""
    after: str = ""

    def removed(self, translation: str) -> str:
        """Return the translation of the block."""
        return translation.removeprefix(self.before).removesuffix(self.after)


_KEEPS_SPACE: Final = {
    "html": _Context("<pre>", "</pre>"),
    "xml": _Context('<text xml:space="preserve">', "</text>"),
}


def find_slots(markup: Markup, text: str) -> Iterator[Slot]:
    """Yield the blocks of a document, such as paragraphs and table cells.

    Raises:
        DocumentError: it is not well-formed XML, or declares entities.
    """
    try:
        marked = _PARSERS[markup](text)
    except MarkupError as error:
        raise DocumentError(str(error)) from None
    definitions = {
        f"[{match['label']}]".casefold(): match[0].strip() for match in _DEFINITION.finditer(text)
    }
    for block, joined, keeps_space in _blocks(marked):
        if markup == "markdown":
            labels = dict.fromkeys(_LABEL.findall(joined.casefold()))
            used = (definitions[label] for label in labels if label in definitions)
            context = _Context(after="".join(f"\n\n{definition}" for definition in used))
        else:
            context = _KEEPS_SPACE[markup] if keeps_space else _Context()
        sent = f"{context.before}{joined}{context.after}"
        yield Slot(*block, sent, markup, context.removed)


def _blocks(marked: MarkedText) -> Iterator[tuple[TextSpan, str, bool]]:
    """Yield each block, its text on one line, and whether it keeps white space instead."""
    text = marked.text
    read = [(*edit.span, edit.replacement) for edit in marked.edits]
    others = iter(sorted(read + [(*span, text[slice(*span)]) for span in marked.protected]))
    other = next(others, None)
    for block in marked.blocks:
        parts, place, keeps_space = list[str](), block.start, False
        while other is not None and other[1] <= block.end:
            start, end, replacement = other
            original = text[start:end]
            keeps_space |= "\n" in text[place:start]
            parts += text[place:start], replacement if _BREAK.fullmatch(original) else original
            place, other = end, next(others, None)
        keeps_space |= "\n" in text[place : block.end]
        yield block, "".join(parts) + text[place : block.end], keeps_space
