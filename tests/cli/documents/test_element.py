"""Elements of XML documents, with places."""

import pytest

from jumok.cli.documents.element import Element, read_elements
from jumok.cli.documents.errors import DocumentError

TEXT = """<?xml version='1.0' encoding='utf-16'?>
<a:나 b='1 > 0'>é<c d="&quot;>"/>\U0001f600<e f='g'
 >text</e><!-- <h> --><![CDATA[<i>]]></a:나>"""


@pytest.fixture
def root() -> Element:
    (root,) = read_elements(TEXT).children
    return root


def test_places(root: Element) -> None:
    """Places are code points, whatever is in attributes, comments and sections."""
    assert [element.tag for element in root.descendants()] == ["c", "e"]
    empty, full = root.children
    assert TEXT[empty.start : empty.end] == '<c d="&quot;>"/>'
    assert TEXT[full.start : full.end] == "<e f='g'\n >text</e>"
    assert TEXT[full.content_start : full.content_end] == "text"
    assert (empty.is_empty, full.is_empty) == (True, False)
    assert TEXT[root.start :] == TEXT[root.start : root.end]


def test_relations(root: Element) -> None:
    """Elements are found by name without prefix, and attributes in outer elements."""
    element = root.child("e")

    assert root.name == "나"
    assert element is not None
    assert (element.inherited("f"), element.inherited("b"), element.inherited("x")) == (
        "g",
        "1 > 0",
        "",
    )
    assert root.child("f") is None


def test_elements_without_content() -> None:
    """Empty elements may have two tags, also inside of each other."""
    (root,) = read_elements("<a><b></b><c/></a>").children

    assert [(each.start, each.end, each.is_empty) for each in root.children] == [
        (3, 10, False),
        (10, 14, True),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 is not well-formed XML"),
        ("<a>\n<b></a>", r"line 2 is not well-formed XML \(mismatched tag\): correct it"),
        ("<!DOCTYPE a [\n<!ENTITY b 'c'>]><a/>", "line 2 declares an entity"),
    ],
)
def test_invalid(text: str, message: str) -> None:
    """Anything else is refused."""
    with pytest.raises(DocumentError, match=message):
        read_elements(text)
