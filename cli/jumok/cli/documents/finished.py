"""Finished translations of passages, kept in a file so that an interruption loses none."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Final

from jumok.cli.documents.document import Passage
from jumok.cli.documents.errors import DocumentError

_START: Final = b'{"passage":'


class FinishedPassages:
    """The translations that are finished.

    Each is a line of JSON with a hash of the passage, the options and the model; so the lines of
    another document, or of other options, do not count.
    """

    def __init__(self, path: Path | None, settings: str) -> None:
        """Read those of an interrupted command.

        Args:
            path: the file; None to keep none.
            settings: all that a translation depends on besides the passage.

        Raises:
            DocumentError: there is such a file of another program.
        """
        self._path, self._settings = path, settings
        self._texts = dict[str, str]()
        if path is not None and path.exists():
            self._read(path)

    def get(self, passage: Passage) -> str | None:
        """Return the translation of a passage; None if it is not finished."""
        return self._texts.get(self._hash(passage))

    def add(self, passage: Passage, translation: str) -> None:
        """Keep the translation of a passage."""
        key = self._hash(passage)
        self._texts[key] = translation
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"passage": key, "translation": translation}) + "\n")

    def discard(self) -> None:
        """Remove the file."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _read(self, path: Path) -> None:
        data = path.read_bytes()
        if data and not data.startswith(_START):
            raise DocumentError(
                f"{path} is needed for what is finished, but another program wrote it: move it away"
            )
        complete = data.rfind(b"\n") + 1
        for line in data[:complete].splitlines():
            entry = json.loads(line)
            self._texts[entry["passage"]] = entry["translation"]
        with path.open("r+b") as file:
            file.truncate(complete)

    def _hash(self, passage: Passage) -> str:
        content = json.dumps([self._settings, passage.format, passage.text])
        return sha256(content.encode()).hexdigest()
