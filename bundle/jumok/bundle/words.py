"""Words of a text: runs of characters between white space, and the tokens that stand in them."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# SentencePiece has tokens for U+0085, which Python takes for white space: they too have a word.
_WORD = re.compile(r"[\S\x85]+")


class TextSpan(NamedTuple):
    """A range of a text in Unicode code points; `end` is exclusive."""

    start: int
    end: int


def find_words(text: str) -> tuple[TextSpan, ...]:
    """Find the words of `text`: runs of characters between white space."""
    return tuple(TextSpan(*match.span()) for match in _WORD.finditer(text))


def word_indices(starts: Iterable[int], words: Sequence[TextSpan]) -> tuple[int, ...]:
    """For each place, in order, the index of the word that it stands in or just before."""
    indices = []
    index = 0
    for start in starts:
        while index + 1 < len(words) and start >= words[index].end:
            index += 1
        indices.append(index)
    return tuple(indices)
