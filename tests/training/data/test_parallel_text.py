"""Reading parallel text: what is read, skipped and refused."""

import gzip
import logging
from pathlib import Path
from typing import Any

import pytest

from jumok.training.data.configuration import TextFiles, TsvFile
from jumok.training.data.parallel_text import Row, read_text, read_tsv
from jumok.training.errors import DataError

PAIRS = [Row("나는 학생입니다", "I am a student"), Row("안녕", "hi")]


def write(folder: Path, content: str, name: str = "a.tsv") -> None:
    """Write a file as bytes, without changing line ends."""
    (folder / name).write_bytes(content.encode())


def tsv(folder: Path, max_malformed: float = 0.5, **columns: Any) -> list[Row]:
    """Read the file a.tsv."""
    return read_tsv(TsvFile(path=Path("a.tsv"), **columns), folder, max_malformed)


def text(folder: Path, max_malformed: float = 0.5) -> list[Row]:
    """Read the files a.ko and a.en."""
    files = TextFiles(source_path=Path("a.ko"), target_path=Path("a.en"))
    return read_text(files, folder, max_malformed)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("나는 학생입니다\tI am a student\n안녕\thi\n", {}),
        ("나는 학생입니다\tI am a student\n안녕\thi", {}),
        ("나는 학생입니다\tI am a student\r\n안녕\thi\r\n", {}),
        ("\ufeff나는 학생입니다\tI am a student\n안녕\thi\n", {}),
        (" 나는 학생입니다 \t I am a student\tmore\n안녕\thi\tmore\n", {}),
        ("1\tI am a student\t나는 학생입니다\n2\thi\t안녕\n", {"source": 3, "target": 2}),
        (
            "id\ten\tko\n1\tI am a student\t나는 학생입니다\n2\thi\t안녕\n",
            {"header": True, "source": "ko", "target": "en"},
        ),
        (
            "\ufeffko\ten\r\n나는 학생입니다\tI am a student\r\n안녕\thi\r\n",
            {"header": True, "source": "ko", "target": "en"},
        ),
        ("ko\ten\n나는 학생입니다\tI am a student\n안녕\thi\n", {"header": True}),
        (
            "#ko\ten\n나는 학생입니다\tI am a student\n안녕\thi\n",
            {"header": True, "source": "ko", "target": "en"},
        ),
        (
            "#ko\ten\n나는 학생입니다\tI am a student\n안녕\thi\n",
            {"header": True, "source": "#ko", "target": "en"},
        ),
    ],
    ids=[
        "plain",
        "no last line end",
        "CRLF",
        "BOM",
        "white space",
        "numbers",
        "names",
        "header with BOM and CRLF",
        "header and numbers",
        "header in a comment",
        "header in a comment, its sign named",
    ],
)
@pytest.mark.parametrize("compressed", [False, True], ids=["", "gzip"])
def test_tsv(tmp_path: Path, content: str, columns: dict[str, Any], compressed: bool) -> None:
    """Pairs are read from any columns, with any line ends and compression."""
    data = content.encode()
    (tmp_path / "a.tsv").write_bytes(gzip.compress(data) if compressed else data)
    assert tsv(tmp_path, **columns) == PAIRS


def test_groups(tmp_path: Path) -> None:
    """A row's group is the match of the pattern in its column."""
    write(tmp_path, "id\tko\ten\n12_a\t가\ta\n12_b\t나\tb\n")
    columns: dict[str, Any] = {
        "header": True,
        "source": "ko",
        "target": "en",
        "group": "id",
        "part": "split",
    }
    assert [row.group for row in tsv(tmp_path, **columns)] == ["12_a", "12_b"]
    rows = tsv(tmp_path, **columns, group_pattern="^[^_]+")
    assert [row.group for row in rows] == ["12", "12"]


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        ({"keep": {"genre": "news"}}, "ab"),
        ({"keep": {"genre": "^news$"}}, "b"),
        ({"drop": {"genre": "^news/"}}, "bc"),
        ({"keep": {"genre": "news"}, "drop": {"en": "b"}}, "a"),
        ({"keep": {"genre": "news", "1": "나"}}, "b"),
        ({"drop": {"genre": "talk", "3": "/"}}, "b"),
        ({"keep": {"genre": "verse"}}, ""),
    ],
)
def test_chosen_rows(tmp_path: Path, columns: dict[str, Any], kept: str) -> None:
    """Rows that match all of keep and none of drop are read; patterns match anywhere."""
    write(tmp_path, "ko\ten\tgenre\n가\ta\tnews/x\n나\tb\tnews\n다\tc\ttalk\n")
    assert "".join(row.target for row in tsv(tmp_path, header=True, **columns)) == kept


def test_dropped_is_not_malformed(tmp_path: Path) -> None:
    """Filtered rows may be empty."""
    write(tmp_path, "가\ta\tnews\n\t\ttalk\n")
    assert tsv(tmp_path, max_malformed=0, drop={"3": "talk"}) == [Row("가", "a")]


def test_markup(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Markup is removed from both sides; rows whose sides then differ are counted and left out."""
    write(tmp_path, "**책** 한 권\ta *book*\n`x` 하나만 반환\treturns `y` alone\n`x`\t`x`\n")
    assert tsv(tmp_path, markup="markdown") == [Row("책 한 권", "a book")]
    assert caplog.messages == [
        f"{tmp_path / 'a.tsv'}: 2 rows left out: the markup of the sides differs"
    ]


def test_malformed_lines(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Malformed lines are skipped, reported by file and line, and counted; the header is line 1."""
    lines = [b"ko\ten", b"\xea\xb0\x80\ta", b"lonely", b"\tb", b"c\t ", b"\xff\td", b"\0\te"]
    (tmp_path / "a.tsv").write_bytes(b"\n".join([*lines, *[b"x\ty"] * 9]) + b"\n")
    with caplog.at_level(logging.WARNING):
        rows = tsv(tmp_path, header=True)
    assert rows == [Row("가", "a"), *[Row("x", "y")] * 9]
    path = tmp_path / "a.tsv"
    assert caplog.messages == [
        f"{path}:3: 1 columns instead of at least 2; skipped",
        f"{path}:4: the source is empty; skipped",
        f"{path}:5: the target is empty; skipped",
        f"{path}:6: byte 0 is not UTF-8; skipped",
        f"{path}:7: it contains a NUL character; skipped",
        f"{path}: 5 lines skipped",
    ]


def test_unmatched_group(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A row whose group does not match the pattern is malformed, since it could leak."""
    write(tmp_path, "가\ta\tx1\n나\tb\ty\n")
    columns: dict[str, Any] = {"part": "split", "group": 3, "group_pattern": "[0-9]"}
    assert tsv(tmp_path, **columns) == [Row("가", "a", "1")]
    assert "a.tsv:2: the group 'y' does not match group_pattern; skipped" in caplog.text


def test_few_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Only the first ten malformed lines are reported individually; all are counted."""
    write(tmp_path, "lonely\n" * 20 + "가\ta\n" * 20)
    assert len(tsv(tmp_path)) == 20
    assert len(caplog.messages) == 11
    assert caplog.messages[-1].endswith("20 lines skipped")


def test_too_many_malformed(tmp_path: Path) -> None:
    """Too many malformed lines are an error with their number and the key to change."""
    write(tmp_path, "lonely\n" + "가\ta\n" * 9)
    assert len(tsv(tmp_path, max_malformed=0.1)) == 9
    with pytest.raises(DataError, match=r"a\.tsv: 1 of 10 lines .* data\.max_malformed = 0\.09 "):
        tsv(tmp_path, max_malformed=0.09)


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (
            {"header": True, "source": "fr", "target": "en"},
            "no column 'fr'; its header names 'ko', 'en'",
        ),
        ({"source": "ko"}, "column 'ko' is a name: set header = true"),
        ({"source": 0}, "columns are counted from 1, not 0"),
        ({"header": True, "keep": {"fr": "x"}}, "no column 'fr'; its header names 'ko', 'en'"),
        ({"drop": {"fr": "x"}}, "column 'fr' is a name: set header = true"),
        ({"drop": {"0": "x"}}, "columns are counted from 1, not 0"),
    ],
)
def test_wrong_column(tmp_path: Path, columns: dict[str, Any], complaint: str) -> None:
    """A missing column is an error that names it."""
    write(tmp_path, "ko\ten\n가\ta\n")
    with pytest.raises(DataError, match=complaint):
        tsv(tmp_path, **columns)


def test_text(tmp_path: Path) -> None:
    """Two files are read in parallel; either can be compressed."""
    write(tmp_path, "\ufeff나는 학생입니다\r\n안녕\r\n", "a.ko")
    (tmp_path / "a.en").write_bytes(gzip.compress(b"I am a student\nhi"))
    assert text(tmp_path) == PAIRS


def test_malformed_side(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The malformed side of a pair is reported, and the pair is skipped."""
    (tmp_path / "a.ko").write_bytes(b"a\n\nc\nd\n")
    (tmp_path / "a.en").write_bytes(b"A\nB\n\xff\nD\n")
    assert text(tmp_path) == [Row("a", "A"), Row("d", "D")]
    path = tmp_path / "a.ko"
    assert caplog.messages[:2] == [
        f"{path}:2: the source is empty; skipped",
        f"{path}:3: byte 0 of the target is not UTF-8; skipped",
    ]


@pytest.mark.parametrize("shorter", ["a.ko", "a.en"])
def test_unequal_length(tmp_path: Path, shorter: str) -> None:
    """Two files of unequal length are refused; the shorter one is named."""
    for name in ("a.ko", "a.en"):
        write(tmp_path, "x\n" if name == shorter else "x\ny\n", name)
    with pytest.raises(DataError, match=rf"/{shorter} has too few lines"):
        text(tmp_path)


@pytest.mark.parametrize("damage", ["truncated", "garbled", "wrong sum"])
def test_broken_gzip(tmp_path: Path, damage: str) -> None:
    """A damaged compressed file is refused by name, whatever the damage."""
    data = bytearray(gzip.compress("".join(f"{n}\t{n * n}\n" for n in range(3000)).encode()))
    if damage == "truncated":
        data = data[: len(data) // 2]
    elif damage == "garbled":
        data[10] |= 6  # a block of a type that does not exist
    else:
        data[-8] ^= 1
    (tmp_path / "a.tsv").write_bytes(data)
    with pytest.raises(DataError, match=r"a\.tsv cannot be read: [^\n]+$"):
        tsv(tmp_path)


def test_missing(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(DataError, match=r"a\.tsv cannot be read: No such file"):
        tsv(tmp_path)
    with pytest.raises(DataError, match=r"a\.ko cannot be read: No such file"):
        text(tmp_path)


@pytest.mark.parametrize(("content", "header"), [("", False), ("", True), ("ko\ten\n", True)])
def test_empty(tmp_path: Path, content: str, header: bool) -> None:
    """A file without pairs is refused."""
    write(tmp_path, content)
    with pytest.raises(DataError, match=r"a\.tsv is empty"):
        tsv(tmp_path, header=header)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", [False, True])
def test_utf_16(tmp_path: Path, encoding: str, header: bool, compressed: bool) -> None:
    """A file that a spreadsheet saved as "Unicode text" is read by its byte-order mark."""
    content = "ko\ten\r\n" * header + "나는 학생입니다\tI am a student\r\n안녕\thi\r\n"
    mark = "" if encoding == "utf-16" else "\ufeff"
    data = (mark + content).encode(encoding)
    (tmp_path / "a.tsv").write_bytes(gzip.compress(data) if compressed else data)
    columns: dict[str, Any] = {}
    if header:
        columns = {"header": True, "source": "ko", "target": "en"}
    assert tsv(tmp_path, **columns) == PAIRS


def test_utf_16_cut_off(tmp_path: Path) -> None:
    """Half a character at the end of a UTF-16 file is one message."""
    (tmp_path / "a.tsv").write_bytes("안녕\thi\n".encode("utf-16")[:-1])
    with pytest.raises(DataError, match="begins like UTF-16 but is not; save it as UTF-8"):
        tsv(tmp_path)


def test_carriage_returns(tmp_path: Path) -> None:
    """The line ends of old Macintosh programs are named."""
    write(tmp_path, "나는 학생입니다\tI am a student\r안녕\thi\r")
    with pytest.raises(DataError, match=r"is one line: its line ends are CR; convert them"):
        tsv(tmp_path)


def test_latin_1(tmp_path: Path) -> None:
    """A file in another encoding is named as such."""
    (tmp_path / "a.tsv").write_bytes("Köln\tCologne\nMünchen\tMunich\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"2 of 2 lines are not UTF-8; convert the file, .*iconv"):
        tsv(tmp_path)


@pytest.mark.parametrize(("separator", "name"), [(",", "comma"), (";", "semicolon")])
def test_separators(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, separator: str, name: str
) -> None:
    """Columns can be separated by other characters; without the key, the message names it."""
    write(tmp_path, f"나는 학생입니다{separator}I am a student\n안녕{separator}hi\n")
    assert tsv(tmp_path, separator=name) == PAIRS
    assert tsv(tmp_path, 1) == []
    assert f"(separated by a {name}? then set separator = '{name}')" in caplog.text


def test_quoted_cells(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Cells that a spreadsheet quoted are read whole; without the key there is a warning."""
    rows = [
        '"그가 ""안녕"" 하고\r\n말했다."\t"He said ""hi""."\r\n',
        '"""책"""\t"a ""book"""\r\n',
        "물\twater\r\n",
    ]
    write(tmp_path, "".join(rows))
    assert tsv(tmp_path, quoting="csv") == [
        Row('그가 "안녕" 하고 말했다.', 'He said "hi".'),
        Row('"책"', 'a "book"'),
        Row("물", "water"),
    ]
    assert not caplog.messages
    write(tmp_path, "".join(rows[1:]) * 3)
    assert len(tsv(tmp_path)) == 6
    assert "cells of 3 rows are quoted as by a spreadsheet" in caplog.text
    assert "set quoting = 'csv' to remove them" in caplog.text


def test_unpaired_quotation_mark(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A quotation mark that is not paired costs the rows up to the next one, not the file."""
    lines = ['"열린\topen\n', *["물\twater\n"] * 250]
    write(tmp_path, "".join(lines))
    assert len(tsv(tmp_path, quoting="csv")) == 151
    assert "a.tsv: 100 lines skipped" in caplog.text
    assert "a.tsv:1: it is not valid CSV: " in caplog.text


@pytest.mark.parametrize("first", ["ko\ten", "source\ttarget", "Text\t번역"])
def test_forgotten_header(tmp_path: Path, caplog: pytest.LogCaptureFixture, first: str) -> None:
    """A first line that looks like a header is read as a pair, with a warning."""
    write(tmp_path, f"{first}\n안녕\thi\n")
    assert len(tsv(tmp_path)) == 2
    assert "looks like a header; if it is one, set header = true" in caplog.text


def test_unprintable_header(tmp_path: Path) -> None:
    """Names of columns are printed so that no character of theirs reaches the terminal."""
    write(tmp_path, "k\x1bo\ten\n안녕\thi\n")
    with pytest.raises(DataError, match=r"its header names 'k\\x1bo', 'en'"):
        tsv(tmp_path, header=True, source="ko")


@pytest.mark.parametrize("blank", ["\u200b", "\xa0", "\ufeff\u200d", "\u2060 \u200b"])
def test_invisible_side(tmp_path: Path, caplog: pytest.LogCaptureFixture, blank: str) -> None:
    """A side without a visible character is empty."""
    write(tmp_path, f"{blank}\thi\n안녕\t{blank}\n물\twater\n")
    assert tsv(tmp_path, 1) == [Row("물", "water")]
    assert "a.tsv:1: the source is empty" in caplog.text
    assert "a.tsv:2: the target is empty" in caplog.text


def test_references_and_alternatives(tmp_path: Path) -> None:
    """A row can have several references, or several targets of which each is a pair."""
    write(tmp_path, "안녕\thi\thello\t\n물\twater; fluid\t\t\n")
    assert tsv(tmp_path, references=(3, 4)) == [
        Row("안녕", "hi", references=("hello",)),
        Row("물", "water; fluid"),
    ]
    assert tsv(tmp_path, alternatives="[,;]")[1:] == [Row("물", "water"), Row("물", "fluid")]


def test_header_of_several_lines(tmp_path: Path) -> None:
    """A quoted header may contain a line break; one that is broken is an error."""
    write(tmp_path, 'ko\t"en\n(US)"\n안녕\thi\n')
    assert tsv(tmp_path, header=True, quoting="csv", source="ko", target="en (US)") == PAIRS[1:]
    write(tmp_path, 'ko\t"en\n안녕\thi\n')
    with pytest.raises(DataError, match="the header cannot be read: it is not valid CSV"):
        tsv(tmp_path, header=True, quoting="csv", source="ko")
