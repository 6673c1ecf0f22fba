"""Read Markdown (CommonMark with tables, strikethrough, and footnotes) as a text with markup."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import EnvType

from jumok.bundle.words import TextSpan
from jumok.text.markdown_inline import InlineKind, find_inline
from jumok.text.marked_text import MarkedText
from jumok.text.markup_builder import MarkupBuilder

_PARSER: Final = MarkdownIt("commonmark").enable("table")
_PARSER.core.ruler.enableOnly(["normalize", "block"])  # inline tokens have no places
_FRONT_MATTER: Final = re.compile(
    r"\ufeff?(?P<rule>---|\+\+\+)[ \t]*\r?\n(?=[\w\"'-]+[ \t]*[:=]|[#\[])"
    r".*?\n(?P=rule)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL,
)
_LINE: Final = re.compile(r"([^\r\n]*)(?:\r\n?|\n|\Z)")
_MARKERS: Final = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*")
_CELL: Final = re.compile(r"(?:[^|\\]|\\.?)+")
_ESCAPED: Final = re.compile(
    r"""
    \A(?:[#]{1,6}(?=\s|\Z)|[-+](?=\s|\Z)|>|\d{1,9}(?P<number>[.)])(?=\s|\Z))
    |[\[\]`|]|\\(?=[!-/:-@\[-`{-~])|~~
    |\*+(?=\S)|(?<=\S)\*+
    |(?<![\w])_+(?=\S)|(?<=\S)_+(?![\w])
    |<(?=[a-zA-Z/!?])|&(?=[#]?[a-zA-Z0-9]+;)
    """,
    re.VERBOSE,
)
"""What would be markup; `3 * 4` and `a_b` would not."""

_WRAPPED: Final = 60
"""Characters of a line from which on it is text that continues in the next line."""


def parse_markdown(text: str) -> MarkedText:
    """Return a document as a text with markup.

    Headings, paragraphs, and table cells are blocks, divided by hard line breaks, and by others
    after short lines, such as those of an address or a poem. Code, addresses,
    and links whose text is the label of a definition are protected; images, with their
    descriptions, and footnote references are elements. HTML blocks, front matter, and definitions
    are not translated.
    """
    builder = MarkupBuilder(text, escape_markdown)
    front_matter = _FRONT_MATTER.match(text)
    start = front_matter.end() if front_matter else 0
    lines = [TextSpan(*match.span(1)) for match in _LINE.finditer(text, start)]
    environment: EnvType = {}
    tokens = _PARSER.parse(text[start:], environment)
    references = environment.get("references", {})
    for block in _blocks(text, lines, tokens):
        _add_block(builder, text, block, references)
    return builder.build()


def escape_markdown(text: str) -> Sequence[str]:
    """Return what Markdown has for each character of a text."""
    written = list(text)
    for match in _ESCAPED.finditer(text):
        start, end = match.span()
        if match["number"]:
            start = end - 1
        elif match[0][0] == "#":
            end = start + 1
        for place in range(start, end):
            written[place] = f"\\{text[place]}"
    return written


def _blocks(
    text: str, lines: Sequence[TextSpan], tokens: Sequence[Token]
) -> Iterator[list[TextSpan]]:
    """Yield the lines of each block, without markers before them."""
    in_table = False
    for token in tokens:
        if token.type in ("table_open", "table_close"):
            in_table = token.type == "table_open"
        elif token.type == "tr_open" and token.map:
            yield from _cells(text, lines[token.map[0]])
        elif token.type == "inline" and token.map and not in_table:
            contents = token.content.split("\n")
            first = token.map[0]
            while first < len(lines) and not text[slice(*lines[first])].strip():
                first += 1  # the parser strips other white space than CommonMark's, too
            found = lines[first : first + len(contents)]
            if len(found) == len(contents):
                yield [
                    _content_span(text, line, content.strip())
                    for line, content in zip(found, contents, strict=True)
                ]


def _add_block(
    builder: MarkupBuilder, text: str, lines: Iterable[TextSpan], references: Container[str]
) -> None:
    contents, places = list[str](), list[int]()
    for line in lines:
        contents.append(text[slice(*line)])
        places += range(line.start, line.end + 1)
    text_start = text_end = 0
    content = "\n".join(contents)
    for item in find_inline(content, references):
        start, end = places[item.start], places[item.end - 1] + 1
        if item.kind is InlineKind.TEXT and start == text_end:
            text_end = end
            continue
        builder.add_text(text_start, text_end)
        text_start = text_end = end
        if item.kind is InlineKind.TEXT:
            text_start = start
        elif item.kind is InlineKind.REPLACED:
            builder.add_replaced(start, end, item.content)
        elif item.kind is InlineKind.LINE_BREAK:
            text_start = text_end = places[item.end]  # after the marker of a quote, too
            if item.start - content.rfind("\n", 0, item.start) > _WRAPPED:
                builder.add_replaced(start, text_end, " ")
            else:
                builder.end_block()
        elif item.kind is InlineKind.BLOCK_END:
            builder.end_block()
        elif item.kind is InlineKind.PROTECTED:
            builder.add_protected(start, end)
        elif item.kind is InlineKind.EMPTY:
            builder.add_empty(start, end)
        elif item.kind is InlineKind.OPENING:
            builder.add_opening(start, end, item.content)
        else:
            builder.add_closing(start, end, item.content)
    builder.add_text(text_start, text_end)
    builder.end_block()


def _cells(text: str, row: TextSpan) -> Iterator[list[TextSpan]]:
    markers = _MARKERS.match(text, *row)
    for match in _CELL.finditer(text, markers.end() if markers else row.start, row.end):
        yield [TextSpan(*match.span())]


def _content_span(text: str, line: TextSpan, content: str) -> TextSpan:
    """Return where a line's content is, with white space at the end of the line."""
    written = text[slice(*line)].replace("\0", "\ufffd")  # as the parser does
    if written.rstrip().endswith(content):
        return TextSpan(line.start + len(written.rstrip()) - len(content), line.end)
    start = line.start + max(written.find(content), 0)
    return TextSpan(start, start + len(content))
