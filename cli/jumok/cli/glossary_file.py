"""A glossary in a file: a term and its translation per line, separated by a tab."""

from pathlib import Path
from typing import Annotated

import typer

GlossaryPath = Annotated[
    Path | None,
    typer.Option(
        "--glossary",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Terms whose translation is prescribed: a term, a tab and its translation per line.",
    ),
]


class GlossaryError(ValueError):
    """A glossary cannot be read; the message says where, and what to do."""


def read_glossary(path: Path | None) -> dict[str, str]:
    """Read the glossary in a file; empty without one.

    Raises:
        GlossaryError: the file is not UTF-8, or a line has no translation.
        OSError: the file cannot be read.
    """
    if path is None:
        return {}
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise GlossaryError(f"{path} is not UTF-8 text: save it as UTF-8") from None
    glossary = {}
    for number, line in enumerate(lines, 1):
        term, _, translation = line.partition("\t")
        if not line.strip():
            continue
        if not (term.strip() and translation.strip()):
            raise GlossaryError(f"{path}, line {number}: write a term, a tab and its translation")
        glossary[term.strip()] = translation.strip()
    return glossary
