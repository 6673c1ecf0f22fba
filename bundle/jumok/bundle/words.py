"""Words of a text, which are runs of characters between white space."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# U+0085 is white space in Python, but has tokens in SentencePiece, which must belong to a word.
_WORD = re.compile(r"[\S\x85]+")


class TextSpan(NamedTuple):
    """A range of a text in Unicode code points; `end` is exclusive."""

    start: int
    end: int


def find_words(text: str) -> tuple[TextSpan, ...]:
    """Return the ranges of the words of `text`."""
    return tuple(TextSpan(*match.span()) for match in _WORD.finditer(text))


def word_indices(starts: Iterable[int], words: Sequence[TextSpan]) -> tuple[int, ...]:
    """Return, for each position in ascending order, the index of its word, or of the next word."""
    indices = []
    index = 0
    for start in starts:
        while index + 1 < len(words) and start >= words[index].end:
            index += 1
        indices.append(index)
    return tuple(indices)
