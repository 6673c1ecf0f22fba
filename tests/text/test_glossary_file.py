"""Glossaries in files."""

from pathlib import Path

import pytest

from jumok.text.glossary_file import GlossaryError, read_glossary


def test_terms_and_translations(tmp_path: Path) -> None:
    """Each line is a term and its translation; blank lines and spaces around them are ignored."""
    path = tmp_path / "terms.tsv"
    path.write_text("\ufeff학생\tpupil\n\n Haus \t building \r\n", "utf-8")
    assert read_glossary(path) == {"학생": "pupil", "Haus": "building"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\tb\nc d\n", "line 2: write a term, a tab"),
        (b"a\t\n", "line 1: write a term"),
        (b"\tb\n", "line 1: write a term"),
        (b"a\tb\tc\n", "line 1: remove the second tab"),
        (b"a" * 201 + b"\tb\n", "line 1: a term may have at most 200"),
        ("ä\tb".encode("latin-1"), "not UTF-8"),
    ],
)
def test_what_is_no_glossary(tmp_path: Path, content: bytes, message: str) -> None:
    """A line without term or translation, and another encoding, are errors that say what to do."""
    path = tmp_path / "terms.tsv"
    path.write_bytes(content)
    with pytest.raises(GlossaryError, match=message):
        read_glossary(path)
