"""Read lines of plain or gzip files; report, count and limit malformed ones."""

import codecs
import gzip
import hashlib
import io
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, cast

from jumok.training.errors import DataError

_log = logging.getLogger(__name__)
_NAMED = 10  # malformed lines of a file that are reported individually
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class MalformedLineError(Exception):
    """A line is malformed; the message says why."""


class NotUtf8Error(MalformedLineError):
    """A line is not UTF-8."""


class Tally:
    """Count the lines and the malformed lines of a file; report the first of the latter."""

    def __init__(self, path: Path, limit: float, first: int = 1) -> None:
        """Start counting.

        Args:
            path: the file, for messages.
            limit: maximum share of malformed lines, 0 to 1.
            first: number of the first line that is counted.
        """
        self._path, self._limit, self._number = path, limit, first
        self._lines = self._malformed = self._undecodable = self._named = 0

    @contextmanager
    def line(self, lines: int = 1) -> Iterator[None]:
        """Count a line; a MalformedLineError in the context is reported and suppressed.

        Args:
            lines: number of lines in the file, if a cell contains line breaks.
        """
        self._lines += lines
        try:
            yield
        except MalformedLineError as reason:
            self._named += 1
            self._malformed += lines
            self._undecodable += isinstance(reason, NotUtf8Error)
            if self._named <= _NAMED:
                _log.warning("%s:%d: %s; skipped", self._path, self._number, reason)
        self._number += lines

    def finish(self) -> None:
        """Report the number of skipped lines.

        Raises:
            DataError: it exceeds the limit, or the file has no lines.
        """
        if self._malformed > self._limit * self._lines:
            if self._undecodable == self._malformed > self._lines / 10:
                raise DataError(
                    f"{self._path}: {self._malformed} of {self._lines} lines are not UTF-8; "
                    "convert the file, for example with `iconv -f LATIN1 -t UTF-8`"
                )
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

    A file that begins with the byte-order mark of UTF-16 is converted to UTF-8.

    Raises:
        DataError: the file cannot be read, or it is a single line with the line ends of old
            Macintosh programs.
    """
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if compressed else nullcontext(raw) as stream:
                yield from _checked_lines(path, _utf8_lines(cast("IO[bytes]", stream)))
    except UnicodeDecodeError as error:
        raise DataError(f"{path} begins like UTF-16 but is not; save it as UTF-8") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read: {reason}") from error


def _checked_lines(path: Path, lines: Iterator[bytes]) -> Iterator[bytes]:
    first, second = next(lines, b""), next(lines, b"")
    if not second and b"\r" in first.rstrip(b"\r\n"):
        raise DataError(
            f"{path} is one line: its line ends are CR; convert them, for example with "
            "`tr '\\r' '\\n'`"
        )
    yield from filter(None, (first, second))
    yield from lines


def _utf8_lines(stream: IO[bytes]) -> Iterator[bytes]:
    begin = stream.read(2)
    stream.seek(0)
    if begin not in _UTF_16:
        yield from stream
        return
    with io.TextIOWrapper(stream, encoding="utf-16", newline="\n") as text:
        for line in text:
            yield line.encode()


def decode(line: bytes, side: str = "") -> str:
    """Decode a line and remove its line end.

    Args:
        line: the line.
        side: appended to the position in error messages, such as " of the source".

    Raises:
        NotUtf8Error: the line is not UTF-8.
    """
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise NotUtf8Error(f"byte {error.start}{side} is not UTF-8") from error


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
