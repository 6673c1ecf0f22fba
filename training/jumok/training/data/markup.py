"""Remove the markup of documentation in the same way from both sides of a pair."""

import re
from collections import Counter
from collections.abc import Iterable
from html import unescape
from typing import Literal

Markup = Literal["rest", "markdown", "fluent"]
"""reStructuredText, Markdown, or Fluent (Mozilla's format) containing HTML."""

_Rules = tuple[tuple[re.Pattern[str], str], ...]

_HIDDEN = 0xE000  # private-use characters stand for code while the rules are applied
_HIDDEN_CODE = re.compile("[\ue000-\uf8ff]")


def without_markup(source: str, target: str, markup: Markup) -> tuple[str, str] | None:
    """Remove the markup of both sides.

    Returns:
        Source and target as prose; None if a side is mostly code or their pieces of code differ.
    """
    texts = []
    codes = []
    for text in (source, target):
        stripped, code = strip(text, markup)
        letters = sum(map(str.isalpha, stripped))
        in_code = sum(map(str.isalpha, "".join(code)))
        if letters <= 2 * in_code or "`" in stripped:
            return None
        texts.append(stripped)
        codes.append(Counter(code))
    return (texts[0], texts[1]) if codes[0] == codes[1] else None


def strip(text: str, markup: Markup) -> tuple[str, list[str]]:
    """Remove the markup of a text.

    Returns:
        The text, in which code is no longer quoted, and the pieces of code in order. The text is
        empty if it contains placeholders that only a program can fill.
    """
    if markup == "rest":
        return _strip_rest(text)
    if markup == "markdown":
        return _strip_markdown(text)
    return _strip_fluent(text)


_REST_CODE = re.compile(
    r"``(?P<literal>.+?)``|:(?P<role>[a-z][a-z:+.-]*):`(?P<content>[^`]+)`", re.DOTALL
)
_TITLED = re.compile(r"(.+?)\s*<[^>]*>")
_PROSE_ROLES = {"abbr", "dfn", "doc", "menuselection", "ref", "term"}
# prefixes that Sphinx adds to the content of a role
_PREFIXES = {"bpo": "bpo-", "gh": "gh-", "issue": "bpo-", "pep": "PEP ", "rfc": "RFC "}
_REST_RULES: _Rules = (
    (re.compile(r"`([^`<]+?)(?:\s*<[^`>]*>)?`(?:__?)?"), r"\1"),
    (re.compile(r"\*\*([^\s*](?:[^*]*[^\s*])?)\*\*"), r"\1"),
    (re.compile(r"(?<![A-Za-z0-9*])\*([^\s*](?:[^*]*[^\s*])?)\*(?![A-Za-z0-9*])"), r"\1"),
    (re.compile(r"\|([\w-]+)\|"), r"\1"),
    (re.compile(r"\s*\[(?:#\w*|\d+)\]_"), ""),
    (re.compile(r"\\\s"), ""),
    (re.compile(r"\\(.)"), r"\1"),
    (re.compile(r"\s+::$"), ""),
    (re.compile(r"::$"), ":"),
)


def _strip_rest(text: str) -> tuple[str, list[str]]:
    """Keep the title of a role with title and target, and the last name of ~a.b.c, as Sphinx."""
    code: list[str] = []

    def hide(match: re.Match[str]) -> str:
        if match["literal"] is not None:
            return _hidden(code, match["literal"])
        role, content = match["role"].rpartition(":")[2], match["content"]
        if titled := _TITLED.fullmatch(content):
            content = titled[1]
        elif content.startswith("~"):
            content = content[1:].rpartition(".")[2]
        if role in _PROSE_ROLES and (titled or role in ("abbr", "dfn", "menuselection", "term")):
            return content
        return _hidden(code, _PREFIXES.get(role, "") + content.removeprefix("!"))

    return _shown(_applied(_REST_RULES, _REST_CODE.sub(hide, text)), code), code


_MARKDOWN_CODE = re.compile(r"(`+)(.+?)\1")
_MARKDOWN_RULES: _Rules = (
    (re.compile(r"\s*\{/\*.*?\*/\}|\s*\{#[\w-]+\}"), ""),  # the id of a heading
    (re.compile(r"^\s*(?:(?:[-+*>]|#+|[0-9]+\.)\s+)+"), ""),
    (re.compile(r"^(?:title|description):\s*(['\"]?)(.*)\1$"), r"\2"),
    (re.compile(r"!?\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)"), r"\1"),
    (re.compile(r"<(sup|sub)\b[^<>]*>.*?</\1>"), ""),  # a gloss that only one side has
    (re.compile(r"<(https?://[^<>\s]*)>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->"), ""),
    (re.compile(r"\*\*(\S(?:.*?\S)?)\*\*"), r"\1"),
    (re.compile(r"(?<![A-Za-z0-9*])\*([^\s*](?:[^*]*[^\s*])?)\*(?!\*)"), r"\1"),
    (re.compile(r"(?<!\w)__?([^\s_](?:[^_]*[^\s_])?)__?(?![A-Za-z0-9_])"), r"\1"),
    (re.compile(r"~~(.+?)~~"), r"\1"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def _strip_markdown(text: str) -> tuple[str, list[str]]:
    code: list[str] = []
    hidden = _MARKDOWN_CODE.sub(lambda match: _hidden(code, match[2].strip()), text)
    return _shown(unescape(_applied(_MARKDOWN_RULES, hidden)), code), code


_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_TERM = re.compile(r"\{\s*-(?:brand-name-)?([\w-]+?)(?:-short|-v[0-9]+)?\s*\}")
_SPELLINGS = {
    "ai": "AI",
    "chromeos": "ChromeOS",
    "devtools": "DevTools",
    "esr": "ESR",
    "ie": "IE",
    "ios": "iOS",
    "ipad": "iPad",
    "iphone": "iPhone",
    "mdn": "MDN",
    "vpn": "VPN",
    "wireguard": "WireGuard",
}


def _strip_fluent(text: str) -> tuple[str, list[str]]:
    """Replace terms by the words of their names: { -brand-name-mozilla-vpn } by Mozilla VPN."""

    def spelt(match: re.Match[str]) -> str:
        return " ".join(_SPELLINGS.get(word, word.capitalize()) for word in match[1].split("-"))

    text = _tidied(unescape(_TERM.sub(spelt, _TAG.sub("", text))))
    return ("" if "{" in text else text), []


def _hidden(code: list[str], piece: str) -> str:
    code.append(piece)
    return chr(_HIDDEN + len(code) - 1)


def _shown(text: str, code: list[str]) -> str:
    def piece(match: re.Match[str]) -> str:
        index = ord(match[0]) - _HIDDEN
        return code[index] if index < len(code) else match[0]

    return _tidied(_HIDDEN_CODE.sub(piece, text))


def _applied(rules: Iterable[tuple[re.Pattern[str], str]], text: str) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def _tidied(text: str) -> str:
    return " ".join(text.split())
