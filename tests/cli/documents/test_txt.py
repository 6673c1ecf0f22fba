"""Plain text documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.cli.documents.kind import Kind
from tests.cli.documents.documents import check_kept, texts, translated


def test_paragraphs() -> None:
    """Paragraphs are passages; blank lines, line ends, and indentation of the first line stay."""
    text = "\r\n  One\r\ntwo. \r\n \t\r\n\r\n---\r\n\r\nThree"

    assert texts(text, Kind.TXT) == ["One\r\ntwo.", "Three"]
    assert translated(text, Kind.TXT) == text.upper()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@given(text=st.text(st.characters(codec="utf-8")))
def test_round_trip(encoding: str, text: str) -> None:
    """Any text stays byte for byte."""
    if not text.startswith("\ufeff"):
        check_kept(text.encode(encoding), Kind.TXT)
