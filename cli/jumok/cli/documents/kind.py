"""Kinds of documents, and the files that they are in."""

from enum import StrEnum
from pathlib import Path
from typing import Final


class Kind(StrEnum):
    """What a document is."""

    TXT = "txt"
    MARKDOWN = "markdown"
    HTML = "html"
    XML = "xml"
    SRT = "srt"
    PO = "po"
    XLIFF = "xliff"
    JSON = "json"
    DOCX = "docx"


SUFFIXES: Final = {
    ".txt": Kind.TXT,
    ".md": Kind.MARKDOWN,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xml": Kind.XML,
    ".srt": Kind.SRT,
    ".po": Kind.PO,
    ".xliff": Kind.XLIFF,
    ".xlf": Kind.XLIFF,
    ".json": Kind.JSON,
    ".docx": Kind.DOCX,
}
"""The kind of a file, by the end of its name in lower case."""


def kind_of(path: Path) -> Kind | None:
    """Return the kind of a file by its name; None for another one."""
    return SUFFIXES.get(path.suffix.lower())
