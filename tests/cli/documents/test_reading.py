"""Reading documents of any kind."""

from pathlib import Path

import pytest

from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.kind import SUFFIXES, Kind
from jumok.cli.documents.reading import read_document

CONTENT = {
    Kind.TXT: "text",
    Kind.MARKDOWN: "# text",
    Kind.HTML: "<p>text",
    Kind.XML: "<a>text</a>",
    Kind.SRT: "00:00:01,000 --> 00:00:02,000\ntext",
    Kind.PO: 'msgid "text"\nmsgstr ""',
    Kind.XLIFF: "<a><segment><source>text</source></segment></a>",
    Kind.JSON: '"text"',
}


@pytest.mark.parametrize("suffix", [each for each in SUFFIXES if each != ".docx"])
def test_kind_by_name(tmp_path: Path, suffix: str) -> None:
    """A document is read as what its name says, in capitals or not."""
    path = tmp_path / f"name{suffix.upper()}"
    path.write_text(CONTENT[SUFFIXES[suffix]])
    (passage,) = read_document(path).passages

    assert passage.text == "text"


def test_given_kind(tmp_path: Path) -> None:
    """The kind can be given instead, and must be if the name says nothing."""
    path = tmp_path / "name"
    path.write_text("<p>text")
    (passage,) = read_document(path, Kind.HTML).passages

    assert (passage.text, passage.format) == ("text", "html")
    with pytest.raises(DocumentError, match=r"must end in one of \.txt, \.md"):
        read_document(path)
