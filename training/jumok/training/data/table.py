"""A file of columns, with or without a header."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from jumok.training.data.lines import MalformedLineError, Tally, decode, read_lines
from jumok.training.errors import DataError

Separator = Literal["tab", "comma", "semicolon"]
Quoting = Literal["none", "csv"]

_SEPARATORS: Final = {"tab": "\t", "comma": ",", "semicolon": ";"}
_LONGEST = 100  # lines of a quoted cell; more mean that a quotation mark is missing


class Table:
    """A plain or gzip file of columns, accessed by name or number."""

    def __init__(
        self,
        path: Path,
        header: bool,
        max_malformed: float,
        separator: Separator = "tab",
        quoting: Quoting = "none",
    ) -> None:
        """Open a table.

        Args:
            path: the file.
            header: whether the first line names the columns; a leading # is ignored.
            max_malformed: maximum share of malformed lines, 0 to 1.
            separator: the character between columns.
            quoting: "csv" if cells may be quoted as spreadsheets do (RFC 4180); a quoted cell may
                contain separators and line breaks, and quotation marks that are doubled.

        Raises:
            DataError: the file cannot be read.
        """
        self._path, self._separator, self._quoted = path, separator, quoting == "csv"
        self._rows = self._read()
        self._names: list[str] = []
        self._needed, lines = 0, 0
        if header:
            row = next(self._rows, b"")
            lines = row.count(b"\n")
            try:
                text = row.decode("utf-8-sig", "replace").rstrip("\r\n")
                self._names = self._cells(text.removeprefix("#"))
            except MalformedLineError as error:
                raise DataError(f"{path}: the header cannot be read: {error}") from error
        self.tally = Tally(path, max_malformed, first=lines + 1)

    def column(self, column: str | int) -> int:
        """Return the index of a column, from 0; from now on lines that lack it are malformed.

        Raises:
            DataError: there is no such column.
        """
        place = self._place(column)
        self._needed = max(self._needed, place + 1)
        return place

    def rows(self) -> Iterator[bytes]:
        """Iterate over the rows after the header; pass each to `split` inside `tally.line()`."""
        return self._rows

    def _read(self) -> Iterator[bytes]:
        lines = read_lines(self._path)
        if not self._quoted:
            yield from lines
            return
        record: list[bytes] = []
        for line in lines:
            record.append(line)
            # in a whole record all quotation marks are paired
            if sum(part.count(b'"') for part in record) % 2 == 0 or len(record) == _LONGEST:
                yield b"".join(record)
                record = []
        if record:
            yield b"".join(record)

    def split(self, row: bytes) -> list[str]:
        """Split a row into columns.

        Raises:
            MalformedLineError: the row is not UTF-8 or lacks a column passed to `column`.
        """
        text = decode(row)
        cells = self._cells(text)
        if len(cells) < self._needed:
            raise MalformedLineError(
                f"{len(cells)} columns instead of at least {self._needed}" + self._other(text)
            )
        return cells

    def _cells(self, text: str) -> list[str]:
        separator = _SEPARATORS[self._separator]
        if not self._quoted:
            return text.split(separator)
        try:
            (cells,) = csv.reader([text], delimiter=separator, strict=True)
        except (csv.Error, ValueError) as error:
            raise MalformedLineError(f"it is not valid CSV: {error}") from error
        return [re.sub(r"\s*[\r\n]+\s*", " ", cell) for cell in cells]

    def _other(self, text: str) -> str:
        """Name the separator that a line seems to have instead; "" if there is none."""
        for name, separator in _SEPARATORS.items():
            if name != self._separator and text.count(separator) >= self._needed - 1 > 0:
                return f" (separated by a {name}? then set separator = '{name}')"
        return ""

    def _place(self, column: str | int) -> int:
        if isinstance(column, str) and column.removeprefix("#") in self._names:
            return self._names.index(column.removeprefix("#"))
        if isinstance(column, str) and column.isdecimal():  # as a key of a TOML table
            column = int(column)
        if isinstance(column, int):
            if column < 1:
                raise DataError(f"{self._path}: columns are counted from 1, not {column}")
            return column - 1
        if not self._names:
            raise DataError(f"{self._path}: column {column!r} is a name: set header = true")
        raise DataError(
            f"{self._path} has no column {column!r}; its header names "
            f"{', '.join(map(repr, self._names))}"
        )
