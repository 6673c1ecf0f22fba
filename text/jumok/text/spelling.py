"""Spelling variants: characters that change how a text looks, but not what it says."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from jumok.bundle.words import TextSpan
from jumok.text.edits import Edit

_STANDARD: Final = {
    # invisible: zero-width space and joiners, word joiner, soft hyphen, byte order mark
    **dict.fromkeys("\u200b\u200c\u200d\u2060\u00ad\ufeff", ""),
    # spaces of other widths
    **dict.fromkeys(
        "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " "
    ),
    **dict.fromkeys("“”„‟«»〝〞", '"'),
    **dict.fromkeys("‘’‚‛‹›´", "'"),
    # full-width forms of ASCII
    **{chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)},
}
_VARIANT: Final = re.compile(
    "|".join(
        (
            f"[{re.escape(''.join(_STANDARD))}]",
            # a character with combining marks, or Hangul in single letters
            r"[\u1100-\u115f\ua960-\ua97c][\u1160-\u11ff\ud7b0-\ud7fb]+|\w[\u0300-\u036f\u3099\u309a]+",
        )
    )
)


def find_variants(text: str) -> Iterator[Edit]:
    """Yield an edit for each spelling variant, which replaces it by the standard spelling.

    Curly quotation marks, full-width forms, spaces of other widths, invisible characters, and
    characters that Unicode's form C writes as one.
    """
    for match in _VARIANT.finditer(text):
        found = match[0]
        standard = _STANDARD.get(found)
        if standard is None:
            standard = unicodedata.normalize("NFC", found)
        if standard != found:
            yield Edit(TextSpan(*match.span()), standard)


def standard_spelling(text: str) -> str:
    """Return a text with all its variants replaced."""
    return _VARIANT.sub(
        lambda match: _STANDARD.get(match[0], unicodedata.normalize("NFC", match[0])), text
    )
