"""SubRip subtitles: the text of each cue, broken into lines again."""

import html
import re
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Final

from jumok.cli.documents.slots import Slot

_CUE: Final = re.compile(
    r"""
    (?:\A|(?<=\n))(?:[ \t]*\d+[ \t]*\r?\n)?
    [ \t]*\d+:\d\d:\d\d[,.]\d+[ \t]*-->[ \t]*\d+:\d\d:\d\d[,.]\d+[^\n]*\n
    (?P<text>(?:(?![^\n]*-->)[^\n]*\S[^\n]*(?:\n|\Z))++)(?=[ \t\r]*(?:\n|\Z))
    """,
    re.VERBOSE,
)
_LINE: Final = r"[^\n]*\S[^\n]*"
_DASH: Final = r"[ \t]*[-‐–—]"
_PART: Final = re.compile(
    rf"(?:\{{\\[^}}\n]*\}})*+(?:{_DASH}[ \t]*)?+"
    rf"(?P<text>{_LINE}(?:\n(?!{_DASH}|[ \t]*<[^>\n]*>{_DASH}){_LINE})*)"
)
"""All lines of a cue, or what one of several speakers says; not a dash, or what positions it."""

_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
_WORD: Final = re.compile(r"(?:<[^<>]*>|[^\s<]|<)+")
_MOST: Final = 42
"""Characters of a line, as is usual for subtitles."""


def find_slots(text: str) -> Iterator[Slot]:
    """Yield the text of cues, as one line; what is not a cue stays as it is."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    for cue in _CUE.finditer(text):
        for part in _PART.finditer(text, *cue.span("text")):
            written = part["text"].rstrip()
            start = part.start("text")
            lines = written.splitlines()
            joined = " ".join(line.strip() for line in lines)
            marked = _TAG.search(joined) is not None
            yield Slot(
                start,
                start + len(written),
                joined,
                "html" if marked else "plain",
                partial(_broken, lines=len(lines), line_end=line_end, marked=marked),
            )


def _broken(translation: str, *, lines: int, line_end: str, marked: bool) -> str:
    """Break a translation into as many lines, or more if they would be too long."""
    words = _WORD.findall(html.unescape(translation) if marked else translation)
    shown = [len(_TAG.sub("", word)) for word in words]
    size = sum(shown) + len(words) - 1
    wanted = max(lines, -(-size // _MOST))
    broken = list[list[str]]()
    for width in count(size // wanted):
        broken = _filled(words, shown, width)
        if len(broken) <= wanted:
            break
    return line_end.join(" ".join(line) for line in broken)


def _filled(words: list[str], shown: list[int], width: int) -> list[list[str]]:
    """Put as many words on each line as fit."""
    filled, used = list[list[str]](), width
    for word, size in zip(words, shown, strict=True):
        if used + 1 + size > width or not filled:
            filled.append([])
            used = -1
        filled[-1].append(word)
        used += 1 + size
    return filled
