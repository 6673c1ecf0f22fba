"""A file of tab-separated columns, with or without a header."""

from collections.abc import Iterator
from pathlib import Path

from jumok.training.data.lines import MalformedLineError, Tally, decode, read_lines
from jumok.training.errors import DataError


class Table:
    """A plain or gzip file of tab-separated columns, accessed by name or number."""

    def __init__(self, path: Path, header: bool, max_malformed: float) -> None:
        """Open a table.

        Args:
            path: the file.
            header: whether the first line names the columns; a leading # is ignored.
            max_malformed: maximum share of malformed lines, 0 to 1.

        Raises:
            DataError: the file cannot be read.
        """
        self._path = path
        self._lines = read_lines(path)
        self._names: list[str] = []
        if header:
            line = next(self._lines, b"").decode("utf-8-sig", "replace").rstrip("\r\n")
            self._names = line.removeprefix("#").split("\t")
        self._needed = 0
        self.tally = Tally(path, max_malformed, first=2 if header else 1)

    def column(self, column: str | int) -> int:
        """Return the index of a column, from 0; from now on lines that lack it are malformed.

        Raises:
            DataError: there is no such column.
        """
        place = self._place(column)
        self._needed = max(self._needed, place + 1)
        return place

    def lines(self) -> Iterator[bytes]:
        """Iterate over the lines after the header; pass each to `split` inside `tally.line()`."""
        return self._lines

    def split(self, line: bytes) -> list[str]:
        """Split a line into columns.

        Raises:
            MalformedLineError: the line is not UTF-8 or lacks a column passed to `column`.
        """
        cells = decode(line).split("\t")
        if len(cells) < self._needed:
            raise MalformedLineError(f"{len(cells)} columns instead of at least {self._needed}")
        return cells

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
            f"{self._path} has no column {column!r}; its header names {', '.join(self._names)}"
        )
