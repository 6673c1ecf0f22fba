"""Lines of a file, plain or gzip; malformed ones are named, counted, and limited."""

import gzip
import hashlib
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jumok.training.errors import DataError

_log = logging.getLogger(__name__)
_NAMED = 10  # malformed lines of a file that are named one by one


class MalformedLineError(Exception):
    """Why a line cannot be used."""


class Tally:
    """Counts lines and malformed ones; names the first of them."""

    def __init__(self, path: Path, limit: float, first: int = 1) -> None:
        """Count lines of `path` from number `first`; `limit`: largest malformed share, 0 to 1."""
        self._path, self._limit, self._first = path, limit, first
        self._lines = self._malformed = 0

    @contextmanager
    def line(self) -> Iterator[None]:
        """Count a line; a MalformedLineError inside only skips it."""
        self._lines += 1
        try:
            yield
        except MalformedLineError as reason:
            self._malformed += 1
            if self._malformed <= _NAMED:
                number = self._first + self._lines - 1
                _log.warning("%s:%d: %s; skipped", self._path, number, reason)

    def finish(self) -> None:
        """Say how many lines were skipped.

        Raises:
            DataError: more than the limit, or there is no line at all.
        """
        if self._malformed > self._limit * self._lines:
            raise DataError(
                f"{self._path}: {self._malformed} of {self._lines} lines are malformed, more than "
                f"data.max_malformed = {self._limit:g} allows; mend the file or raise the limit"
            )
        if self._malformed:
            _log.warning("%s: %d lines skipped", self._path, self._malformed)
        if not self._lines:
            raise DataError(f"{self._path} is empty")


def read_lines(path: Path) -> Iterator[bytes]:
    """Read the lines of a file, plain or gzip, with their ends.

    Raises:
        DataError: it cannot be read.
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
    """Return a line as text, without its end.

    Raises:
        MalformedLineError: it is not UTF-8.
    """
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise MalformedLineError(f"byte {error.start}{side} is not UTF-8") from error


def sha256(path: Path) -> str:
    """Sum of a file as it lies there, in hexadecimal.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{str(path)!r} cannot be read: {reason}") from error
