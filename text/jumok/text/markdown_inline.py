"""Read the inline markup of Markdown: emphasis, links, code, HTML."""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from markdown_it.common.utils import normalizeReference

from jumok.text.element_stack import is_translated
from jumok.text.html import PROTECTED_ELEMENTS, VOID_ELEMENTS
from jumok.text.html_tokens import ENTITY, HtmlToken, TokenKind, html_token, tag_attributes

_TOKEN: Final = re.compile(
    rf"""
    (?P<hard_break>(?:[ ]{{2,}}+|\\)\n[ \t]*+)
    |(?P<line_break>[ \t]*+\n[ \t]*+)
    |(?P<escaped>\\[!-/:-@\[-`{{-~])
    |(?P<code>(?P<ticks>`++).*?[^`](?P=ticks)(?!`))
    |(?P<address><(?:[a-zA-Z][a-zA-Z0-9+.-]{{1,31}}:[^\s<>]*+|[\w.+-]++@[\w.-]++)>)
    |(?P<entity>{ENTITY.pattern}(?<=;))
    |(?P<note>\A\[\^[^\[\]\s]++\]:|\[\^[^\[\]\s]++\]|\A\[[ xX]\](?=\s))
    |(?P<opening>!?\[)
    |(?P<closing>\])
    |(?P<emphasis>\*{{1,3}}+(?!\*)|_{{1,3}}+(?!_)|~~(?!~))
    |(?P<tag><(?=[a-zA-Z/!?]))
    |(?:https?://|www\.)[^\s<>*()\[\]`|]++|[^\W_]++|[ \t]++|\*++|_++|`++|~++|.
    """,
    re.VERBOSE | re.DOTALL,
)
"""Tokens, of which those without a name are text. Addresses in text can contain `_`."""

_TARGET: Final = re.compile(
    r"""
    \(\s*+(?:<[^<>\n]*+>|[^\s()<]*+(?:\([^\s()]*+\)[^\s()]*+)*+)
    (?:\s++(?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\([^()]*+\)))?+\s*+\)
    |\[(?P<label>[^\[\]]*+)\]
    """,
    re.VERBOSE | re.DOTALL,
)
_LONGEST_LABEL: Final = 999


class InlineKind(Enum):
    """What a part of a block is, in the terms of `MarkupBuilder`."""

    TEXT = auto()
    REPLACED = auto()
    LINE_BREAK = auto()
    BLOCK_END = auto()
    PROTECTED = auto()
    EMPTY = auto()
    OPENING = auto()
    CLOSING = auto()


@dataclass(slots=True)
class InlineItem:
    """A part of a block: its range, and the name of a tag or what replaces it."""

    kind: InlineKind
    start: int
    end: int
    content: str = ""


def find_inline(content: str, references: Container[str]) -> list[InlineItem]:
    """Return all of a block, such as a paragraph, in order.

    Args:
        content: the block without markers before its lines, which are divided by line feeds.
        references: the normalized labels of the document's link reference definitions.
    """
    return _Scanner(content, references).items()


class _Scanner:
    """Reads the content of a block, whose lines end with a line feed."""

    def __init__(self, content: str, references: Container[str]) -> None:
        self._content, self._references = content, references
        self._items = list[InlineItem]()
        self._brackets = list[int]()  # items that can open a link, or an image
        self._emphasis = defaultdict[str, list[int]](list)  # items that can open it, by marker
        self._absent = set[str]()  # elements that are not closed any more
        self._last_tag, self._last_comment = content.rfind(">"), content.rfind("-->")

    def items(self) -> list[InlineItem]:
        """Return all of the content in order."""
        place = 0
        while place < len(self._content):
            match = _TOKEN.match(self._content, place)
            assert match, "any character is a token"
            found, place = match[0], match.end()
            name = match.lastgroup or ""
            if name == "closing":
                place = self._close_bracket(match.start())
            elif name == "emphasis":
                self._read_emphasis(*match.span())
            elif name == "tag":
                place = self._read_html(match.start())
            elif name == "escaped":
                self._add(InlineKind.REPLACED, *match.span(), found[1])
            elif name == "entity":
                self._add(InlineKind.REPLACED, *match.span(), html.unescape(found))
            else:
                if name == "opening":
                    self._brackets.append(len(self._items))
                self._add(_NAMES.get(name, InlineKind.TEXT), *match.span())
        return self._items

    def _add(self, kind: InlineKind, start: int, end: int, content: str = "") -> None:
        self._items.append(InlineItem(kind, start, end, content))

    def _replace_from(self, index: int, kind: InlineKind, end: int) -> None:
        """Make one item of all since one."""
        start = self._items[index].start
        del self._items[index:]
        self._drop_openings(index)
        self._add(kind, start, end)

    def _drop_openings(self, index: int) -> None:
        """Forget the markers since an item that can open emphasis."""
        for openings in self._emphasis.values():
            while openings and openings[-1] >= index:
                openings.pop()

    def _close_bracket(self, start: int) -> int:
        """Read `]`, and the target of a link after it; return the end."""
        end = start + 1
        if not self._brackets:
            self._add(InlineKind.TEXT, start, end)
            return end
        index = self._brackets.pop()
        opening = self._items[index]
        is_image = opening.end - opening.start > 1
        own = self._content[opening.end : start]
        target = _TARGET.match(self._content, end)
        if target and (target["label"] is None or self._is_defined(target["label"] or own)):
            end = target.end()
            if is_image:
                self._replace_from(index, InlineKind.EMPTY, end)
            elif target["label"] == "":  # the text of the link is its label
                self._replace_from(index, InlineKind.PROTECTED, end)
            else:
                opening.kind, opening.content = InlineKind.OPENING, "["
                self._add(InlineKind.CLOSING, start, end, "[")
        elif self._is_defined(own):
            self._replace_from(index, InlineKind.EMPTY if is_image else InlineKind.PROTECTED, end)
        else:
            self._add(InlineKind.TEXT, start, end)
        return end

    def _is_defined(self, label: str) -> bool:
        return (
            len(label) <= _LONGEST_LABEL
            and "[" not in label
            and normalizeReference(label) in self._references
        )

    def _read_emphasis(self, start: int, end: int) -> None:
        marker = self._content[start:end]
        opens, closes = self._flanks(start, end)
        while closes and start < end:
            markers = {marker[:size] for size in range(1, end - start + 1)}
            fitting = [each for each in markers if self._emphasis[each]]
            if not fitting:
                break
            nearest = max(fitting, key=lambda each: self._emphasis[each][-1])
            index = self._emphasis[nearest][-1]
            self._items[index].kind, self._items[index].content = InlineKind.OPENING, nearest
            self._drop_openings(index)
            self._add(InlineKind.CLOSING, start, start + len(nearest), nearest)
            start += len(nearest)
        if start < end:
            if opens:
                self._emphasis[self._content[start:end]].append(len(self._items))
            self._add(InlineKind.TEXT, start, end)

    def _flanks(self, start: int, end: int) -> tuple[bool, bool]:
        """Return whether a marker can open and close emphasis (CommonMark 0.31.2, 6.2)."""
        before = self._content[start - 1] if start else " "
        after = self._content[end] if end < len(self._content) else " "
        space_before, space_after = before.isspace(), after.isspace()
        mark_before, mark_after = _is_punctuation(before), _is_punctuation(after)
        opens = not space_after and (not mark_after or space_before or mark_before)
        closes = not space_before and (not mark_before or space_after or mark_after)
        if self._content[start] == "_":
            return opens and (not closes or mark_before), closes and (not opens or mark_after)
        return opens, closes

    def _read_html(self, start: int) -> int:
        """Read `<`, and the tag or comment that it starts; return the end."""
        is_comment = self._content.startswith("<!--", start)
        if start > (self._last_comment if is_comment else self._last_tag):
            self._add(InlineKind.TEXT, start, start + 1)
            return start + 1
        token = html_token(self._content, start)
        kind, end = InlineKind.EMPTY, token.end
        if token.kind is TokenKind.TEXT:
            kind, end = InlineKind.TEXT, start + 1
        elif token.name == "br":
            kind = InlineKind.BLOCK_END
        elif token.kind is TokenKind.CLOSING:
            kind = InlineKind.CLOSING
        elif token.kind is TokenKind.OPENING and token.name not in VOID_ELEMENTS:
            kind = InlineKind.OPENING
            closing = self._protected_end(token)
            if closing is not None:
                kind, end = InlineKind.PROTECTED, closing
        self._add(kind, start, end, token.name)
        return end

    def _protected_end(self, token: HtmlToken) -> int | None:
        """Return the end of an element that is copied unchanged; None for another one."""
        attributes = tag_attributes(self._content[token.start : token.end])
        closing = f"</{token.name}>"
        if closing in self._absent or (
            token.name not in PROTECTED_ELEMENTS and is_translated(attributes, True)
        ):
            return None
        place = self._content.find(closing, token.end)
        if place < 0:
            self._absent.add(closing)
            return None
        return place + len(closing)


_NAMES: Final = {
    "hard_break": InlineKind.BLOCK_END,
    "line_break": InlineKind.LINE_BREAK,
    "escaped": InlineKind.REPLACED,
    "code": InlineKind.PROTECTED,
    "address": InlineKind.PROTECTED,
    "entity": InlineKind.REPLACED,
    "note": InlineKind.EMPTY,
    "opening": InlineKind.TEXT,
    "closing": InlineKind.TEXT,
    "emphasis": InlineKind.TEXT,
    "tag": InlineKind.TEXT,
}
"""The groups of `_TOKEN`, and what they are at first."""


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
