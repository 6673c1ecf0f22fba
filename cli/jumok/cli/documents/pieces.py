"""A plain text, divided so that each piece can be one request."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

_MOST: Final = 2000
"""Characters of a piece: half of what a server accepts by default."""

_MOST_LINES: Final = 200
"""Lines of a piece: each is at least one sentence, of which a server accepts 500."""

_BOUNDARIES: Final = tuple(
    re.compile(pattern) for pattern in (r"\n", r"[.!?…。！？]+[\"'”’»)]*\s+|[。！？]", r"\s+")
)
"""Where to divide, the best places first."""

_MARKERS: Final = re.compile(r"\s*+(?:(?:[-*+>#•‣◦▪·–—]|\(?\d{1,3}[.)])\s++)*+")
"""White space and list markers: the service takes them for a part of a text of one sentence."""


def find_pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of pieces, without white space around them or list markers before them.

    A text of ordinary length is one piece; one without letters is none.
    """
    start = 0
    while start < len(text):
        end = _end(text, start)
        if any(map(str.isalpha, text[start:end])):
            markers = _MARKERS.match(text, start)
            assert markers, "it may be empty"
            yield markers.end(), start + len(text[start:end].rstrip())
        start = end


def _end(text: str, start: int) -> int:
    most = min(start + _MOST, len(text))
    lines = re.finditer("\n", text[start:most])
    if (line := next(islice(lines, _MOST_LINES - 1, None), None)) is not None:
        return start + line.end()
    if most == len(text):
        return most
    for boundary in _BOUNDARIES:
        ends = [match.end() for match in boundary.finditer(text, start + _MOST // 4, most)]
        if ends:
            return ends[-1]
    return most
