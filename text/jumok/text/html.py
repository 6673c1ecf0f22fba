"""Read HTML, as browsers do, as a text with markup."""

import html
from collections.abc import Sequence
from typing import Final

from jumok.text.element_stack import ElementStack, Layout, OpenElement, is_translated
from jumok.text.html_tokens import HtmlToken, TokenKind, find_html_tokens, tag_attributes
from jumok.text.marked_text import MarkedText
from jumok.text.markup_builder import MarkupBuilder

_BLOCK_NAMES: Final = """
address article aside audio blockquote body br button canvas caption center col colgroup datalist dd
details dialog dir div dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head
header hgroup hr html legend li listing main menu nav noscript object ol optgroup option p pre
search section select summary table tbody td textarea tfoot th thead title tr ul video
"""
_HIDDEN_NAMES: Final = "iframe noembed noframes rp rt script style svg template xmp"
_VOID_NAMES: Final = "area base br col embed hr img input link meta param source track wbr"
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_HIDDEN: Final = frozenset(_HIDDEN_NAMES.split())
VOID_ELEMENTS: Final = frozenset(_VOID_NAMES.split())
"""Elements without content and closing tag."""

PROTECTED_ELEMENTS: Final = frozenset(("code", "kbd", "math", "samp", "var"))
"""Elements that are copied unchanged."""

_KEEP_SPACE: Final = frozenset(("listing", "pre", "textarea"))
_CLOSED_BY: Final = {
    "p": _BLOCKS - {"br", "button", "option", "optgroup", "select", "textarea"},
    "li": frozenset(("li",)),
    "dt": frozenset(("dd", "dt")),
    "dd": frozenset(("dd", "dt")),
    "option": frozenset(("optgroup", "option")),
    "td": frozenset(("tbody", "td", "tfoot", "th", "tr")),
    "th": frozenset(("tbody", "td", "tfoot", "th", "tr")),
    "tr": frozenset(("tbody", "tfoot", "tr")),
}
"""Elements whose closing tag may be left out, and which elements then close them."""

_ESCAPED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u00a0": "&nbsp;"}


def parse_html(text: str) -> MarkedText:
    """Return a page, or a part of one, as a text with markup.

    Block-level elements, titles, buttons, options, and table cells are blocks, divided by `<br>`.
    Attributes, scripts, styles, drawings, and elements with `translate="no"` or the class
    `notranslate` are not translated; the latter, formulas, and code are protected within a
    sentence. `translate="yes"` is followed, except in an element that is protected.
    """
    builder = MarkupBuilder(text, escape_html)
    stack = ElementStack(builder)
    for token in find_html_tokens(text):
        start, end = token.start, token.end
        if token.kind is TokenKind.COMMENT:
            stack.add_empty(start, end)
        elif token.kind in (TokenKind.OPENING, TokenKind.EMPTY):
            _open(stack, token, text[start:end])
        elif token.kind is TokenKind.CLOSING:
            if not stack.close(start, end, token.name):
                _read_alone(stack, token)
        elif stack.reads and token.kind is TokenKind.ENTITY:
            replacement = html.unescape(text[start:end])
            builder.add_replaced(start, end, replacement, stack.top.keep_space)
        elif stack.reads:
            builder.add_text(start, end, stack.top.keep_space)
    stack.finish(len(text))
    return builder.build()


def escape_html(text: str) -> Sequence[str]:
    """Return what HTML has for each character of a text."""
    return [_ESCAPED.get(character, character) for character in text]


def _open(stack: ElementStack, token: HtmlToken, tag: str) -> None:
    name = token.name
    while name in _CLOSED_BY.get(stack.top.name, ()):
        stack.close_implied(token.start)
    if token.kind is TokenKind.EMPTY or name in VOID_ELEMENTS:
        _read_alone(stack, token)
        return
    layout = Layout.INLINE
    if name in _BLOCKS:
        layout = Layout.BLOCK
    elif name in _HIDDEN:
        layout = Layout.HIDDEN
    translated = False
    if layout is not Layout.HIDDEN and name not in PROTECTED_ELEMENTS:
        attributes = tag_attributes(tag) if "translate" in tag.lower() else {}
        translated = is_translated(attributes, stack.top.translated)
    keep_space = stack.top.keep_space or name in _KEEP_SPACE
    stack.open(token.start, token.end, OpenElement(name, layout, translated, keep_space))


def _read_alone(stack: ElementStack, token: HtmlToken) -> None:
    """Read a tag without partner."""
    if token.name in _BLOCKS:
        stack.end_block()
    else:
        stack.add_empty(token.start, token.end)
