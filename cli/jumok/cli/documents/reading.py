"""Read a document of any kind."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from jumok.cli.documents import json_strings, markup, po, srt, txt, xliff
from jumok.cli.documents.document import Document
from jumok.cli.documents.docx import WordDocument
from jumok.cli.documents.encoded_text import EncodedText
from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.kind import SUFFIXES, Kind, kind_of
from jumok.cli.documents.slots import Slot, SlottedDocument

_READERS: Final[dict[Kind, Callable[[str], Iterable[Slot]]]] = {
    Kind.TXT: txt.find_slots,
    Kind.MARKDOWN: partial(markup.find_slots, "markdown"),
    Kind.HTML: partial(markup.find_slots, "html"),
    Kind.XML: partial(markup.find_slots, "xml"),
    Kind.SRT: srt.find_slots,
    Kind.PO: po.find_slots,
    Kind.XLIFF: xliff.find_slots,
    Kind.JSON: json_strings.find_slots,
}
_HAS_REFERENCES: Final = (Kind.HTML, Kind.XML, Kind.XLIFF)
"""Kinds that declare their encoding, and can spell characters that it lacks."""


def read_document(path: Path, kind: Kind | None = None) -> Document:
    """Read a file.

    Args:
        path: the file.
        kind: what it is; None to tell by its name.

    Raises:
        DocumentError: the kind is not known, or the file is not of that kind.
        OSError: the file cannot be read.
    """
    kind = kind or kind_of(path)
    if kind is None:
        raise DocumentError(f"the name {path} must end in one of {', '.join(SUFFIXES)}")
    return parse_document(path.read_bytes(), kind)


def parse_document(data: bytes, kind: Kind) -> Document:
    """Read the content of a file; DocumentError if it is not of that kind."""
    if kind is Kind.DOCX:
        return WordDocument(data)
    encoded = EncodedText.decoded(data, markup=kind in _HAS_REFERENCES)
    return SlottedDocument(encoded, _READERS[kind](encoded.text))
