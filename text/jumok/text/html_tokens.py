"""Tokens of HTML: tags, comments, entities, and text between them.

`html.parser` of the standard library is not used: its versions differ, those of Python 3.11 take
seconds for some inputs of 20,000 characters, and some raise errors.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from html import unescape
from typing import Final, NamedTuple

ENTITY: Final = re.compile(
    r"&(?:[#](?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8})|[a-zA-Z][a-zA-Z0-9]{0,30});?"
)
_TAG_NAME: Final = r"[a-zA-Z][^ \t\n\r\f/<>]*+"
_TOKEN: Final = re.compile(
    rf"""
    (?P<comment><!--(?:-?>|.*?(?:--!?>|\Z))|(?:<[!?]|</(?![a-zA-Z]))[^>]*+(?:>|\Z))
    |<(?P<slash>/?)(?P<name>{_TAG_NAME})
        (?P<attributes>(?:[^<>=]++|=[ \t\n\r\f]*+(?:"[^"]*+"|'[^']*+')?+)*+)(?P<bracket>>?)
    |(?P<entity>{ENTITY.pattern})
    |[^<&]++|.
    """,
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(
    r"""([^\s"'<>/=]+)(?:\s*=\s*+("[^"]*"|'[^']*'|[^\s"'=<>`]+))?""",
)
_SELF_CLOSING: Final = re.compile(r"""(?:^|[\s"'])/$""")
_RAW: Final = {"iframe", "noembed", "noframes", "script", "style", "xmp"}
"""Elements whose content has neither tags nor entities; in those of `_PLAIN` it has no tags."""
_PLAIN: Final = {"textarea", "title"}
_RAW_ENDS: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])|\Z", re.IGNORECASE) for name in _RAW | _PLAIN
}


class TokenKind(Enum):
    """What a token is."""

    TEXT = auto()
    ENTITY = auto()
    OPENING = auto()
    CLOSING = auto()
    EMPTY = auto()
    """A tag that ends with `/>`."""
    COMMENT = auto()
    """Also a declaration, or a processing instruction."""


class HtmlToken(NamedTuple):
    """A token: its range, and the name of a tag in lower case."""

    kind: TokenKind
    start: int
    end: int
    name: str = ""


def find_html_tokens(text: str) -> Iterator[HtmlToken]:
    """Yield all of a text as tokens, by the rules of browsers, whatever it is."""
    place = 0
    while place < len(text):
        token = html_token(text, place)
        yield token
        place = token.end
        if token.kind is TokenKind.OPENING and token.name in _RAW_ENDS:
            match = _RAW_ENDS[token.name].search(text, place)
            end = match.start() if match else len(text)
            if token.name in _PLAIN:
                yield from _plain_tokens(text, place, end)
            else:
                yield HtmlToken(TokenKind.TEXT, place, end)
            place = end


def html_token(text: str, start: int) -> HtmlToken:
    """Return the token that starts at `start`, which is before the end of the text."""
    match = _TOKEN.match(text, start)
    assert match, "any character is a token"
    kind, name = TokenKind.TEXT, ""
    if match["comment"]:
        kind = TokenKind.COMMENT
    elif match["entity"]:
        kind = TokenKind.ENTITY
    elif match["bracket"]:  # without it, "<" is a character of the text
        name = match["name"].lower()
        kind = TokenKind.CLOSING if match["slash"] else TokenKind.OPENING
        if kind is TokenKind.OPENING and _SELF_CLOSING.search(match["attributes"]):
            kind = TokenKind.EMPTY
    return HtmlToken(kind, match.start(), match.end(), name)


def _plain_tokens(text: str, start: int, end: int) -> Iterator[HtmlToken]:
    """Yield a part of a text that has no tags."""
    for match in ENTITY.finditer(text, start, end):
        yield HtmlToken(TokenKind.TEXT, start, match.start())
        yield HtmlToken(TokenKind.ENTITY, *match.span())
        start = match.end()
    yield HtmlToken(TokenKind.TEXT, start, end)


def tag_attributes(tag: str) -> dict[str, str]:
    """Return the attributes of an opening tag."""
    _, *attributes = _ATTRIBUTE.findall(tag)
    return {name.lower(): unescape(value.strip("\"'")) for name, value in reversed(attributes)}
