"""Protected text: what a translation copies unchanged, such as addresses and placeholders."""

import re
from typing import Final

from jumok.bundle.words import TextSpan

_URL_CHARACTERS: Final = r"[\w.~:/?#@!$&'*+,;=%\[\]()-]"
_PATTERNS: Final = (
    # inline code
    r"`[^`\n]{1,200}`",
    # URLs, whose path can contain any letters; a Korean particle follows the host directly
    r"(?:https?|ftp)://[A-Za-z0-9.:@_-]+(?:[/?#]" + _URL_CHARACTERS + r"*)?",
    r"www\.[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[/?#]" + _URL_CHARACTERS + r"*)?",
    # e-mail addresses
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    # placeholders of message formats: {{count}}, ${HOME}, {0}, %(name)s, %1$s, %s, %@, $1
    r"\{\{[^{}\n]{1,50}\}\}|\$?\{[^{}\n]{0,50}\}",
    r"%\([A-Za-z_]\w{0,50}\)[sdif]|%(?:\d\$)?[-+0]?\d{0,2}(?:\.\d)?[sdifuxXc@](?![A-Za-z])",
    r"\$(?:\d(?!\d|[.,]\d)|[A-Z_][A-Z0-9_]{1,30})",
    # tags and entities in plain text
    r"</?[A-Za-z][A-Za-z0-9:-]{0,30}(?:\s[^<>\n]{0,200})?/?>|&(?:[a-z]{2,10}|#\d{2,6});",
    # paths and file names
    r"(?<![\w.])(?:\.{1,2}|(?=/[^/\s]+/))(?:/[A-Za-z0-9_.@-]+)+/?|~/[A-Za-z0-9_./@-]+"
    r"|\b[A-Za-z]:\\[A-Za-z0-9_.\\-]+",
    r"(?<![\w.])[A-Za-z0-9_][A-Za-z0-9_-]{0,60}\.(?:txt|pdf|docx?|xlsx?|pptx?|csv|tsv|json|ya?ml|toml"
    r"|xml|html?|css|js|ts|py|java|cpp|sh|md|png|jpe?g|gif|svg|mp[34]|wav|zip|gz|exe|log|ini)"
    r"(?![A-Za-z0-9])",
    # mentions, hashtags
    r"(?<![\w@#])[@#](?=[A-Za-z0-9_]*[A-Za-z])[A-Za-z0-9_]{2,40}",
    # versions, IP addresses, identifiers, telephone numbers, dates such as 2024-05-03, long numbers
    r"(?<![\w.])(?:v\d{1,4}(?:\.\d{1,6}){1,3}|\d{1,3}(?:\.\d{1,3}){3})(?![\w.]*\d)",
    r"(?<![\w-])(?=[A-F0-9-]*\d)[A-F0-9]{4,}(?:-[A-F0-9]{2,}){2,}(?![\w-]*\d)"
    r"|(?<![\w-])(?=[a-f0-9-]*\d)[a-f0-9]{8}(?:-[a-f0-9]{4,12}){2,}",
    r"(?<![\w.-])(?:\+\d{1,3}(?:[ -]?\(?\d{1,8}\)?){1,5}"
    r"|\(?0\d{1,4}\)?[/ -]{1,3}\d{2,8}(?:[ -]\d{2,8}){0,3}"
    r"|\d{2,12}(?:-\d{2,12}){1,3}(?<=[\d-]{8}))(?![\d.,-]*\d)",
    r"(?<![\w.,-])\d{5,40}(?![.,]?\d)",
    r"(?<![\w-])(?=[A-Z0-9]{0,30}\d)(?=[A-Z0-9]{0,30}[A-Z])[A-Z0-9]{5,30}(?![A-Za-z0-9-])",
    r"\[\d{1,2}:\d{2}(?::\d{2})?\]",
    r"(?<![\w-])[A-Z]{1,5}-\d[\dA-Z-]{2,20}(?![A-Za-z0-9])",
    # symbols, and signs between words
    r"[©®™†‡•·→←↑↓⇒✓✔✗✘★☆♥♪♫]+|(?<=\s)[<>&|](?=\s)",
    # emoji with their modifiers, flags, keycaps; also characters for private use
    r"(?:[\U0001F1E6-\U0001F1FF]{2}"
    r"|[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2B55\u231A\u231B\u23E9-\u23FA]"
    r"[\uFE0F\U0001F3FB-\U0001F3FF]*"
    r"(?:\u200D[\U0001F300-\U0001FAFF\u2600-\u27BF][\uFE0F\U0001F3FB-\U0001F3FF]*)*"
    r"|[0-9#*]\uFE0F?\u20E3)+",
    r"[\uE000-\uF8FF]+",
)
_PROTECTED: Final = re.compile("|".join(_PATTERNS))
_POSSIBLE: Final = re.compile(r"[\d\ue000-\uf8ff]|\.(?=\S)|[^\w\s.,?!'\"]")
"""Every protected text has such a character; looking for one is much faster than `_PROTECTED`."""

_ADDRESS: Final = re.compile(r"(?:https?|ftp)://|www\.")
_PARTICLES: Final = re.compile(r"(?<=[A-Za-z0-9])[가-힣]+$")
_SENTENCE_ENDS: Final = ".,:;!?'*"


def find_protected(text: str) -> list[TextSpan]:
    """Return what of a text is copied unchanged, in ascending order.

    URLs, e-mail addresses, paths and file names, inline code, placeholders of message formats, tags
    and entities, mentions, versions, telephone numbers, numbers of five digits or more, emoji, and
    characters for private use.
    """
    if not _POSSIBLE.search(text):
        return []
    return [
        TextSpan(match.start(), match.start() + len(_trimmed(match[0])))
        for match in _PROTECTED.finditer(text)
    ]


def _trimmed(found: str) -> str:
    """Leave out punctuation of the sentence, and Korean particles, at the end of a URL."""
    if not _ADDRESS.match(found):
        return found
    found = _PARTICLES.sub("", found)
    while True:
        short = found.rstrip(_SENTENCE_ENDS)
        if short.endswith(")") and short.count("(") < short.count(")"):
            short = short[:-1]
        if short == found:
            return found
        found = short
