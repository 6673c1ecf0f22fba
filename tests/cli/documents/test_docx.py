"""Word documents."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from jumok.cli.documents.docx import WordDocument
from jumok.cli.documents.errors import DocumentError

PARTS = {
    "[Content_Types].xml": "<Types/>",
    "word/document.xml": "<w:document><w:p><w:r><w:t>One</w:t></w:r></w:p></w:document>",
    "word/header1.xml": "<w:hdr><w:p><w:r><w:t>Two</w:t></w:r></w:p></w:hdr>",
    "word/styles.xml": "<w:p><w:r><w:t>Style</w:t></w:r></w:p>",
}


def archive(parts: dict[str, str]) -> bytes:
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return data.getvalue()


def test_parts() -> None:
    """The text, headers, footers and notes are translated; other parts stay, in order."""
    document = WordDocument(archive(PARTS))
    assert [(each.text, each.place) for each in document.passages] == [
        ("One", "document, paragraph 1"),
        ("Two", "header1, paragraph 1"),
    ]
    with ZipFile(BytesIO(document.written(["Eins", None]))) as file:
        assert file.testzip() is None
        assert file.namelist() == list(PARTS)
        parts = {name: file.read(name).decode() for name in file.namelist()}
        assert {info.compress_type for info in file.infolist()} == {ZIP_DEFLATED}
    expected = '<w:t xml:space="preserve">Eins</w:t>'
    name = "word/document.xml"
    assert parts == {**PARTS, name: PARTS[name].replace("<w:t>One</w:t>", expected)}


def test_round_trip() -> None:
    """Without a change the file stays byte for byte."""
    data = archive(PARTS)
    document = WordDocument(data)

    assert document.written(["One", "Two"]) == document.written([None, None]) == data


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4 no archive", archive({"content.xml": "<a/>"}), archive(PARTS)[:-30]]
)
def test_other_files(data: bytes) -> None:
    """Another file is refused."""
    with pytest.raises(DocumentError, match=r"this is no \.docx file"):
        WordDocument(data)
