"""Documents of tests, and translations of them."""

from collections.abc import Callable

from jumok.cli.documents.kind import Kind
from jumok.cli.documents.reading import parse_document


def texts(data: bytes | str, kind: Kind) -> list[str]:
    """The texts of the passages."""
    return [passage.text for passage in parse_document(encoded(data), kind).passages]


def translated(
    data: bytes | str, kind: Kind, translate: Callable[[str], str | None] = str.upper
) -> str:
    """The document with each passage translated, decoded."""
    document = parse_document(encoded(data), kind)
    return document.written([translate(each.text) for each in document.passages]).decode()


def check_kept(data: bytes | str, kind: Kind) -> None:
    """Fail unless the document stays byte for byte if its passages do."""
    document = parse_document(encoded(data), kind)
    passages = document.passages
    assert document.written([None] * len(passages)) == encoded(data)
    if kind not in (Kind.PO, Kind.XLIFF):  # they have a place of their own for translations
        assert document.written([passage.text for passage in passages]) == encoded(data)


def encoded(data: bytes | str) -> bytes:
    """The bytes of a document."""
    return data.encode() if isinstance(data, str) else data
