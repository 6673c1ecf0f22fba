"""Read parallel text: tab-separated columns, or two files with one sentence per line."""

import itertools
import logging
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from jumok.training.data.configuration import TextFiles, TsvFile
from jumok.training.data.lines import MalformedLineError, Tally, decode, read_lines
from jumok.training.data.markup import without_markup
from jumok.training.data.table import Table
from jumok.training.errors import DataError

_log = logging.getLogger(__name__)
_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # Unicode categories
_QUOTED = re.compile(r'"(?:[^"]|"")*""(?:[^"]|"")*"')
_MANY_QUOTED = 0.005  # share of the rows
_HEADERS = {"source", "src", "target", "tgt", "trg", "text", "translation", "sentence", "reference"}
_TAG = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence pair of a file.

    Attributes:
        source: the sentence.
        target: its translation.
        group: rows of one group belong to one part; "" for no group.
        references: further translations.
    """

    source: str
    target: str
    group: str = ""
    references: tuple[str, ...] = ()


def read_tsv(file: TsvFile, folder: Path, max_malformed: float) -> list[Row]:
    """Read the pairs of a file of columns that pass its filters, without markup.

    Args:
        file: the file and its columns.
        folder: folder that a relative path is relative to.
        max_malformed: maximum share of malformed lines, 0 to 1.

    Raises:
        DataError: the file cannot be read, lacks a column or has too many malformed lines.
    """
    table = Table(folder / file.path, file.header, max_malformed, file.separator, file.quoting)
    source, target = table.column(file.source), table.column(file.target)
    references = [table.column(column) for column in file.references]
    group = None if file.group is None else table.column(file.group)
    pattern = re.compile(file.group_pattern or "(?s).*")
    keep = [(table.column(name), re.compile(regex)) for name, regex in file.keep.items()]
    drop = [(table.column(name), re.compile(regex)) for name, regex in file.drop.items()]
    rows = []
    unlike = quoted = 0
    for number, row in enumerate(table.rows()):
        with table.tally.line(max(1, row.count(b"\n"))):
            cells = table.split(row)
            if any(regex.search(cells[place]) for place, regex in drop):
                continue
            if not all(regex.search(cells[place]) for place, regex in keep):
                continue
            texts = _checked(cells[source], cells[target])
            quoted += any(map(_QUOTED.fullmatch, texts))
            if number == 0 and not file.header:
                _warn_of_header(folder / file.path, texts)
            further = tuple(text for place in references if (text := cells[place].strip()))
            key = "" if group is None else cells[group]
            match = pattern.search(key)
            if match is None:
                raise MalformedLineError(f"the group {key!r} does not match group_pattern")
            pair = texts if file.markup is None else without_markup(*texts, file.markup)
            if pair is None:
                unlike += 1
            else:
                rows += [
                    Row(pair[0], alternative, match[0], further)
                    for alternative in _alternatives(pair[1], file.alternatives)
                ]
    table.tally.finish()
    if file.quoting == "none" and quoted > max(1, _MANY_QUOTED * len(rows)):
        _log.warning(
            "%s: cells of %d rows are quoted as by a spreadsheet, and are learned with their "
            "quotation marks; set quoting = 'csv' to remove them",
            folder / file.path,
            quoted,
        )
    if unlike:
        _log.warning(
            "%s: %d rows left out: the markup of the sides differs", folder / file.path, unlike
        )
    return rows


def read_text(files: TextFiles, folder: Path, max_malformed: float) -> list[Row]:
    """Read the pairs of two files; the sentences of a pair have the same line number.

    Args:
        files: the two files.
        folder: folder that relative paths are relative to.
        max_malformed: maximum share of malformed lines, 0 to 1.

    Raises:
        DataError: a file cannot be read, their lengths differ, or too many lines are malformed.
    """
    source_path, target_path = folder / files.source_path, folder / files.target_path
    tally = Tally(source_path, max_malformed)
    rows = []
    for source, target in itertools.zip_longest(read_lines(source_path), read_lines(target_path)):
        if source is None or target is None:
            shorter = source_path if source is None else target_path
            raise DataError(
                f"{shorter} has too few lines: {source_path} and {target_path} must have the same "
                "number of lines"
            )
        with tally.line():
            pair = decode(source, " of the source"), decode(target, " of the target")
            rows.append(Row(*_checked(*pair)))
    tally.finish()
    return rows


def _warn_of_header(path: Path, texts: tuple[str, str]) -> None:
    """Warn if the first pair looks like the names of columns."""
    tags = all(map(_TAG.fullmatch, texts)) and texts[0] != texts[1]
    if tags or any(text.lower() in _HEADERS for text in texts):
        _log.warning(
            "%s: the first line (%s, %s) looks like a header; if it is one, set header = true",
            path,
            *texts,
        )


def _alternatives(target: str, separator: str | None) -> list[str]:
    if separator is None:
        return [target]
    return [part.strip() for part in re.split(separator, target) if _visible(part)]


def _visible(text: str) -> bool:
    return any(unicodedata.category(char) not in _INVISIBLE for char in text)


def _checked(source: str, target: str) -> tuple[str, str]:
    source, target = source.strip(), target.strip()
    if "\0" in source or "\0" in target:
        raise MalformedLineError("it contains a NUL character")
    for side, text in (("source", source), ("target", target)):
        if not _visible(text):
            raise MalformedLineError(f"the {side} is empty")
    return source, target
