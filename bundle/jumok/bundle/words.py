"""Words of a text.

Words are runs of characters between white space. In scripts that are written without spaces
(Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan) each character is a word, with its combining
marks; a run of Katakana is one word.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_MARKS = (
    "\u3099\u309a\ufe00-\ufe0f\u0300-\u036f"  # voicing marks, variation selectors, accents
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"  # Thai
    "\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"  # Lao
    "\u0f18\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f84\u0f86\u0f87\u0f8d-\u0fbc"  # Tibetan
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d"
    "\u17b4-\u17d3"  # Burmese above, Khmer
)
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30fe\uff66-\uff9f"
_UNSPACED = (
    "\u0e01-\u0e5b\u0e81-\u0edf\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
    "\u3005-\u3007\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# U+0085 is white space in Python, but has tokens in SentencePiece, which must belong to a word.
_WORD = re.compile(
    rf"[{_KATAKANA}][{_KATAKANA}{_MARKS}]*|[{_UNSPACED}][{_MARKS}]*"
    rf"|(?:(?![{_UNSPACED}{_KATAKANA}])[\S\x85])+"
)


class TextSpan(NamedTuple):
    """A range of a text in Unicode code points; `end` is exclusive."""

    start: int
    end: int

    def contains(self, other: "TextSpan") -> bool:
        """Tell whether another range is inside of this one."""
        return self.start <= other.start and other.end <= self.end


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
