"""Plain text: paragraphs between blank lines."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from jumok.cli.documents.slots import Slot

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


def find_slots(text: str) -> Iterator[Slot]:
    """Yield the paragraphs, without the white space around them."""
    lines = _LINE.finditer(text)
    for is_blank, group in groupby(lines, key=lambda line: line[0].isspace()):
        if not is_blank:
            found = list(group)
            paragraph = text[found[0].start() : found[-1].end()]
            start = found[0].start() + len(paragraph) - len(paragraph.lstrip())
            yield Slot(start, start + len(paragraph.strip()), paragraph.strip())
