"""JSON documents."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.kind import Kind
from tests.cli.documents.documents import check_kept, texts, translated

TEXT = r"""{ "name" : "Ann \"B\"",
  "list":[1.50, "x: y", null,"12", ["\u00e9t\u00e9 \\"]], "empty": {}}
"""

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


def test_values() -> None:
    """Strings with letters are passages, except for names; all else stays, spelling included."""
    assert texts(TEXT, Kind.JSON) == ['Ann "B"', "x: y", "été \\"]
    assert translated(TEXT, Kind.JSON) == (
        TEXT.replace("Ann", "ANN")
        .replace("x: y", "X: Y")
        .replace(r"\u00e9t\u00e9", r"\u00c9T\u00c9")
    )


def test_letters_are_spelt_as_in_the_document() -> None:
    """Letters beyond ASCII are escaped only in a document that does so."""
    assert translated('["a"]', Kind.JSON, lambda _: "é\n") == '["é\\n"]'
    assert translated('["a", "\\u00e9"]', Kind.JSON, lambda _: "è") == '["\\u00e8", "\\u00e8"]'


def change(value: Any) -> Any:
    """What a translation to "T" makes of a value."""
    match value:
        case str() if any(map(str.isalpha, value)):
            core = value.strip()
            return value.replace(core, "T") if len(core) < 2000 else value
        case list():
            return [change(each) for each in value]
        case dict():
            return {name: change(each) for name, each in value.items()}
    return value


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_round_trip(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Any document stays byte for byte, and a translated one has the same structure."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    check_kept(text, Kind.JSON)

    assert json.dumps(json.loads(translated(text, Kind.JSON, lambda _: "T"))) == json.dumps(
        change(value)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [('{"a": }', "line 1, column 7 is not JSON"), ("[" * 100_000, "nested too deeply")],
)
def test_no_json(text: str, message: str) -> None:
    """Another text is refused."""
    with pytest.raises(DocumentError, match=message):
        texts(text, Kind.JSON)


def test_long_numbers() -> None:
    """Numbers of any length stay."""
    check_kept("9" * 5000, Kind.JSON)
