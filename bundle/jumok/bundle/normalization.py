"""Rules of Unicode normalization for SentencePiece, which has none for form NFC."""

import sys
import unicodedata
from collections.abc import Iterator
from itertools import permutations
from typing import Literal

Normalization = Literal["nfc", "nfkc"]
"""How a tokenizer normalizes text before it splits it.

Both remove control characters and reduce white space to single spaces.

- `nfc`: Unicode form C, which only composes characters. The text keeps its look.
- `nfkc`: form KC and more (SentencePiece's `nmt_nfkc`): full-width letters become ordinary ones, ²
  becomes 2, … becomes three full stops, zero-width joiners are removed. Words have fewer spellings,
  but no translation can contain what its language's tokenizer removes.
"""

_REMOVED = [
    *(chr(code) for code in (*range(1, 0x20), *range(0x7F, 0xA0)) if not chr(code).isspace()),
    "\u200b",  # zero-width space
    "\ufeff",  # byte-order mark
]


def nfc_rules() -> str:
    """Return the rules of `nfc` as a table for SentencePiece's `normalization_rule_tsv`."""
    lines = (
        " ".join(f"{ord(char):X}" for char in text)
        + "\t"
        + " ".join(f"{ord(char):X}" for char in replacement)
        for text, replacement in sorted(_rules())
    )
    return "\n".join(lines) + "\n"


def _rules() -> Iterator[tuple[str, str]]:
    yield from ((char, "") for char in _REMOVED)
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000:  # a surrogate is no character
            continue
        char = chr(code)
        if char.isspace() and char != " ":
            yield char, " "
            continue
        decomposed = unicodedata.normalize("NFD", char)
        if decomposed == char:
            continue
        composed = unicodedata.normalize("NFC", char)
        spellings = {char}
        for marks in permutations(decomposed[1:]):
            text = decomposed[0] + "".join(marks)
            # composed up to any mark, as in ô + tilde; in another order, as in ê + dot below
            spellings |= {
                unicodedata.normalize("NFC", text[:place]) + text[place:]
                for place in range(1, len(text) + 1)
            }
        yield from (
            (spelling, composed)
            for spelling in spellings
            if spelling != composed and unicodedata.normalize("NFC", spelling) == composed
        )
