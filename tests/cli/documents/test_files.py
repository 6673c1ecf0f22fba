"""Files of documents and their translations."""

from pathlib import Path

import pytest
import typer

from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.files import DocumentFiles
from jumok.cli.documents.kind import Kind


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "in.MD"
    source.write_text("text")
    return source


@pytest.mark.parametrize(
    "argument", ["나는 학생입니다", "Read the README.md", "", "-", "a" * 5000, "\0"]
)
def test_texts(argument: str) -> None:
    """A text is no document, even if it ends like a name."""
    assert DocumentFiles.of(argument, None, None) is None


def test_documents(source: Path, tmp_path: Path) -> None:
    """A file with a known name is a document, and so is any file or input of a given kind."""
    other = tmp_path / "other"
    other.write_text("text")

    assert DocumentFiles.of(str(source), None, None) == DocumentFiles(source, Kind.MARKDOWN, None)
    assert DocumentFiles.of(str(other), None, None) is None
    assert DocumentFiles.of(str(other), Kind.XML, None) == DocumentFiles(other, Kind.XML, None)
    assert DocumentFiles.of("-", Kind.HTML, None) == DocumentFiles(None, Kind.HTML, None)


@pytest.mark.parametrize(
    ("argument", "kind", "output", "message"),
    [
        ("missing.md", None, None, "there is no file 'missing.md'"),
        ("나는", Kind.XML, None, "there is no file '나는', which --format xml needs"),
        ("나는", None, "out", "it is for a document"),
        ("in.MD", None, "in.MD", "is the document itself"),
        ("in.MD", None, "none/out", "there is no folder none"),
        ("in.docx", None, None, "is needed for .docx"),
    ],
)
def test_usage(
    source: Path,
    monkeypatch: pytest.MonkeyPatch,
    argument: str,
    kind: Kind | None,
    output: str | None,
    message: str,
) -> None:
    """What cannot be meant is a usage error."""
    monkeypatch.chdir(source.parent)
    Path("in.docx").touch()
    with pytest.raises(typer.BadParameter, match=message):
        DocumentFiles.of(argument, kind, None if output is None else Path(output))


def test_reading(source: Path) -> None:
    """An error of a document names its file."""
    files = DocumentFiles(source, Kind.JSON, None)
    with pytest.raises(DocumentError, match=rf"{source}: line 1, column 1 is not JSON"):
        files.read()
    (passage,) = DocumentFiles(source, Kind.TXT, None).read().passages

    assert passage.text == "text"


def test_writing(source: Path, tmp_path: Path) -> None:
    """The output is replaced, through links; no other file remains."""
    output, link = tmp_path / "out", tmp_path / "link"
    output.write_text("old")
    link.symlink_to(output)
    files = DocumentFiles(source, Kind.TXT, link)
    files.write(b"new")

    assert files.part == tmp_path / "link.part"
    assert output.read_bytes() == b"new"
    assert sorted(tmp_path.iterdir()) == sorted([source, output, link])


def test_device(source: Path) -> None:
    """A device is written to as it is."""
    files = DocumentFiles(source, Kind.TXT, Path("/dev/null"))
    files.write(b"new")

    assert files.part is None
    assert Path("/dev/null").is_char_device()
