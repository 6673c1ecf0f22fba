"""Read lines of plain or gzip files; report, count and limit malformed ones."""

import gzip
import hashlib
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jumok.training.errors import DataError

_log = logging.getLogger(__name__)
_NAMED = 10  # malformed lines of a file that are reported individually


class MalformedLineError(Exception):
    """A line is malformed; the message says why."""


class Tally:
    """Count the lines and the malformed lines of a file; report the first of the latter."""

    def __init__(self, path: Path, limit: float, first: int = 1) -> None:
        """Start counting.

        Args:
            path: the file, for messages.
            limit: maximum share of malformed lines, 0 to 1.
            first: number of the first line that is counted.
        """
        self._path, self._limit, self._first = path, limit, first
        self._lines = self._malformed = 0

    @contextmanager
    def line(self) -> Iterator[None]:
        """Count a line; a MalformedLineError in the context is reported and suppressed."""
        self._lines += 1
        try:
            yield
        except MalformedLineError as reason:
            self._malformed += 1
            if self._malformed <= _NAMED:
                number = self._first + self._lines - 1
                _log.warning("%s:%d: %s; skipped", self._path, number, reason)

    def finish(self) -> None:
        """Report the number of skipped lines.

        Raises:
            DataError: it exceeds the limit, or the file has no lines.
        """
        if self._malformed > self._limit * self._lines:
            raise DataError(
                f"{self._path}: {self._malformed} of {self._lines} lines are malformed, more than "
                f"data.max_malformed = {self._limit:g} allows; fix the file or raise the limit"
            )
        if self._malformed:
            _log.warning("%s: %d lines skipped", self._path, self._malformed)
        if not self._lines:
            raise DataError(f"{self._path} is empty")


def read_lines(path: Path) -> Iterator[bytes]:
    """Read the lines of a plain or gzip file, including line ends.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if compressed:
                with gzip.open(raw) as unpacked:
                    yield from unpacked
            else:
                yield from raw
    except (OSError, EOFError, ValueError, zlib.error) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read: {reason}") from error


def decode(line: bytes, side: str = "") -> str:
    """Decode a line and remove its line end.

    Args:
        line: the line.
        side: appended to the position in error messages, such as " of the source".

    Raises:
        MalformedLineError: the line is not UTF-8.
    """
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise MalformedLineError(f"byte {error.start}{side} is not UTF-8") from error


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{str(path)!r} cannot be read: {reason}") from error
