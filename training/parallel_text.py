"""Reads parallel text from files: tab-separated columns, or two files line by line."""

import gzip
import hashlib
import itertools
import logging
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.data_configuration import TextFiles, TsvFile
from training.errors import DataError

_log = logging.getLogger(__name__)
_NAMED = 10  # malformed lines of a file that are named one by one


@dataclass(frozen=True, slots=True)
class Row:
    """One pair as read, and the group that it must not be parted from ("" for none)."""

    source: str
    target: str
    group: str = ""


class _MalformedLineError(Exception):
    """Why a line is not a pair."""


class _Tally:
    """Counts lines and malformed ones; names the first of them."""

    def __init__(self, path: Path, limit: float) -> None:
        self._path, self._limit = path, limit
        self._lines = self._malformed = 0

    def line(self) -> int:
        self._lines += 1
        return self._lines

    def malformed(self, number: int, reason: str) -> None:
        self._malformed += 1
        if self._malformed <= _NAMED:
            _log.warning("%s:%d: %s; skipped", self._path, number, reason)

    def finish(self) -> None:
        if self._malformed > self._limit * self._lines:
            raise DataError(
                f"{self._path}: {self._malformed} of {self._lines} lines are malformed, more than "
                f"data.max_malformed = {self._limit:g} allows; mend the file or raise the limit"
            )
        if self._malformed:
            _log.warning("%s: %d lines skipped", self._path, self._malformed)
        if not self._lines:
            raise DataError(f"{self._path} is empty")


def read_tsv(file: TsvFile, folder: Path, max_malformed: float) -> list[Row]:
    """Read the pairs of a tab-separated file.

    Args:
        file: the file and its columns.
        folder: what a relative path is relative to.
        max_malformed: the largest share of malformed lines, 0 to 1.

    Raises:
        DataError: it cannot be read, lacks a column, or too many lines are malformed.
    """
    path = folder / file.path
    tally = _Tally(path, max_malformed)
    rows = []
    lines = _lines(path)
    header: list[str] = []
    if file.header:
        header = next(lines, b"").decode("utf-8-sig", "replace").rstrip("\r\n").split("\t")
    source, target, group = (
        _column(path, header, column) for column in (file.source, file.target, file.group)
    )
    needed = max(column for column in (source, target, group) if column is not None) + 1
    pattern = re.compile(file.group_pattern) if file.group_pattern else None
    for line in lines:
        number = tally.line()
        try:
            columns = _decode(line).split("\t")
            if len(columns) < needed:
                raise _MalformedLineError(f"{len(columns)} columns where {needed} are needed")
            assert source is not None
            assert target is not None
            pair = _checked(columns[source], columns[target])
            key = "" if group is None else columns[group]
            if pattern is not None:
                match = pattern.search(key)
                if match is None:
                    raise _MalformedLineError(f"the group {key!r} does not match group_pattern")
                key = match[0]
            rows.append(Row(*pair, key))
        except _MalformedLineError as reason:
            tally.malformed(number + bool(header), str(reason))
    tally.finish()
    return rows


def read_text(files: TextFiles, folder: Path, max_malformed: float) -> list[Row]:
    """Read the pairs of two files, the sentences of a pair on lines of the same number.

    Args:
        files: the two files.
        folder: what a relative path is relative to.
        max_malformed: the largest share of malformed lines, 0 to 1.

    Raises:
        DataError: one cannot be read, they differ in length, or too many lines are malformed.
    """
    source_path, target_path = folder / files.source_path, folder / files.target_path
    tally = _Tally(source_path, max_malformed)
    rows = []
    for source, target in itertools.zip_longest(_lines(source_path), _lines(target_path)):
        if source is None or target is None:
            shorter = source_path if source is None else target_path
            raise DataError(
                f"{shorter} ends before its other side does: {source_path} and {target_path} "
                "must have the same number of lines"
            )
        number = tally.line()
        try:
            pair = _decode(source, " of the source"), _decode(target, " of the target")
            rows.append(Row(*_checked(*pair)))
        except _MalformedLineError as reason:
            tally.malformed(number, str(reason))
    tally.finish()
    return rows


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


def _lines(path: Path) -> Iterator[bytes]:
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


def _column(path: Path, header: list[str], column: str | int | None) -> int | None:
    if column is None:
        return None
    if isinstance(column, int):
        if column < 1:
            raise DataError(f"{path}: columns are counted from 1, not {column}")
        return column - 1
    if not header:
        raise DataError(f"{path}: column {column!r} is a name, which needs header = true")
    if column not in header:
        raise DataError(f"{path} has no column {column!r}; its header names {', '.join(header)}")
    return header.index(column)


def _decode(line: bytes, side: str = "") -> str:
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise _MalformedLineError(f"byte {error.start}{side} is not UTF-8") from error


def _checked(source: str, target: str) -> tuple[str, str]:
    source, target = source.strip(), target.strip()
    if not source or not target:
        raise _MalformedLineError(f"the {'source' if not source else 'target'} is empty")
    if "\0" in source or "\0" in target:
        raise _MalformedLineError("it holds a NUL")
    return source, target
