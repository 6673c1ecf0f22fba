"""Word documents: an archive whose parts with text are translated."""

import re
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Final
from zipfile import BadZipFile, ZipFile

from jumok.cli.documents.document import Passage
from jumok.cli.documents.docx_paragraphs import find_slots
from jumok.cli.documents.encoded_text import EncodedText
from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.slots import SlottedDocument

_PART: Final = re.compile(r"word/(?P<name>document|header\d*|footer\d*|footnotes|endnotes)\.xml")


class WordDocument:
    """A .docx file: its text, headers, footers and notes."""

    def __init__(self, data: bytes) -> None:
        """Read the parts; DocumentError if it is another kind of file."""
        self._data = data
        try:
            with ZipFile(BytesIO(data)) as archive:
                self._parts = dict(_parts(archive))
        except (BadZipFile, NotImplementedError, RuntimeError, zlib.error):
            self._parts = {}
        if "word/document.xml" not in self._parts:
            raise DocumentError(
                "this is no .docx file, or it has a password: save it as .docx without one"
            )
        self.passages: Sequence[Passage] = [
            passage for part in self._parts.values() for passage in part.passages
        ]

    def written(self, translations: Sequence[str | None]) -> bytes:
        """Return the file with its passages replaced; parts without any stay as they are."""
        remaining = iter(translations)
        written = {
            name: part.written(list(islice(remaining, len(part.passages))))
            for name, part in self._parts.items()
        }
        result = BytesIO()
        with ZipFile(BytesIO(self._data)) as archive, ZipFile(result, "w") as new:
            if all(archive.read(name) == content for name, content in written.items()):
                return self._data
            for info in archive.infolist():
                new.writestr(info, written.get(info.filename) or archive.read(info))
        return result.getvalue()


def _parts(archive: ZipFile) -> Iterator[tuple[str, SlottedDocument]]:
    for name in archive.namelist():
        if match := _PART.fullmatch(name):
            encoded = EncodedText.decoded(archive.read(name), markup=True)
            yield name, SlottedDocument(encoded, find_slots(encoded.text, match["name"]))
