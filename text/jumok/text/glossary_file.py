"""A glossary in a file: a term and its translation per line, separated by a tab."""

import re
from pathlib import Path
from typing import Final

LONGEST_TERM: Final = 200
"""The most characters of a term, and of its translation."""
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What neither may have."""


class GlossaryError(ValueError):
    """A glossary cannot be read; the message says where, and what to do."""


def read_glossary(path: Path) -> dict[str, str]:
    """Read the glossary in a file.

    Raises:
        GlossaryError: the file is not UTF-8, or a line has no translation, a term that is too
            long, or a control character, or a term has two translations.
        OSError: the file cannot be read.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise GlossaryError(f"{path} is not UTF-8 text: save it as UTF-8") from None
    glossary: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        term, _, translation = (part.strip() for part in line.partition("\t"))
        if not line.strip():
            continue
        if not (term and translation):
            raise GlossaryError(f"{path}, line {number}: write a term, a tab and its translation")
        if max(len(term), len(translation)) > LONGEST_TERM:
            raise GlossaryError(
                f"{path}, line {number}: a term may have at most {LONGEST_TERM} characters"
            )
        if CONTROL.search(term + translation):
            raise GlossaryError(
                f"{path}, line {number}: remove the second tab or the control character"
            )
        if glossary.setdefault(term, translation) != translation:
            raise GlossaryError(
                f"{path}, line {number}: {term!r} has another translation on an earlier line; "
                "remove one"
            )
    return glossary
