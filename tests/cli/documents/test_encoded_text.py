"""Encodings of documents."""

import pytest

from jumok.cli.documents.encoded_text import EncodedText
from jumok.cli.documents.errors import DocumentError


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "가\r\n나".encode(),
        "가".encode("utf-8-sig"),
        "가😀".encode("utf-16"),
        b"\xfe\xff" + "가😀".encode("utf-16-be"),
    ],
)
def test_unicode(data: bytes) -> None:
    """UTF-8 and UTF-16 are kept byte for byte, byte order mark included."""
    encoded = EncodedText.decoded(data)

    assert not encoded.text.startswith("\ufeff")
    assert encoded.encoded(encoded.text) == data


@pytest.mark.parametrize(
    "head", ["<?xml version='1.0' encoding='EUC-KR'?>", '<meta charset="euc-kr">']
)
def test_declared_encoding(head: str) -> None:
    """A declared encoding is used; characters that it lacks become references."""
    encoded = EncodedText.decoded(f"{head}가".encode("euc-kr"), markup=True)

    assert encoded.text == f"{head}가"
    assert encoded.encoded("나é") == "나".encode("euc-kr") + b"&#233;"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"caf\xe9", "byte 4 is not utf-8: convert the document to UTF-8, as with iconv"),
        (b"\xff\xfea", "byte 3 is not utf-16-le"),
        (b"<?xml version='1.0' encoding='nonsense'?>", "the encoding nonsense is not supported"),
        (b"<?xml version='1.0' encoding='hex'?>", "the encoding hex is not supported"),
    ],
)
def test_other_encodings(data: bytes, message: str) -> None:
    """Other encodings are refused with what to do."""
    with pytest.raises(DocumentError, match=message):
        EncodedText.decoded(data, markup=True)


def test_characters_without_code() -> None:
    """Half of a surrogate pair cannot be written."""
    with pytest.raises(DocumentError, match=r"utf-8 cannot encode U\+D800"):
        EncodedText.decoded(b"").encoded("\ud800")
