"""XML: what is translated of a document, and which tags are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.text.errors import MarkupError
from jumok.text.xml import escape_xml, parse_xml
from tests.text.marked import check, elements, protected, read


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("", []),
        ("Hello <b>x</b>", ["Hello x"]),
        ("<b>x</b> and <i>y</i>", ["x and y"]),
        ("\ufeff<?xml version='1.0' encoding='latin1'?>\n<a>가</a>\n", ["가"]),
        ('<!-- c --><!DOCTYPE a SYSTEM "b" [<!ELEMENT a ANY>]><a>b&nbsp;c</a>', ["b\u00a0c"]),
        ("<a>\n <b>One</b>\n <b>Two <i>or <u>three</u></i></b>\n</a>", ["One", "Two or three"]),
        ("<a>x\r\n  y&#10;z</a>", ["x y z"]),
        ('<a xml:space="preserve">x\n  y <b xml:space="default">z\nz</b></a>', ["x\n  y z z"]),
        ("<a>é&amp;&#65;&lt;</a>", ["é&A<"]),
        ("<a><b/>x<c/></a>", ["x"]),
    ],
)
def test_elements_with_text_are_blocks(document: str, expected: list[str]) -> None:
    """An element with text is a block, with all that is in it."""
    marked = parse_xml(document)
    check(marked)
    assert read(marked) == expected


def test_elements_beside_text_are_inline() -> None:
    """Elements beside text, comments, and instructions are elements of the sentence."""
    marked = parse_xml("<a>x <b>y <b/><c>z</c></b><!-- c --> <?pi?>w</a>")
    check(marked)
    assert elements(marked) == [
        ("<b>", "</b>"),
        ("<b/>", None),
        ("<c>", "</c>"),
        ("<!-- c -->", None),
        ("<?pi?>", None),
    ]


def test_some_elements_are_not_translated() -> None:
    """CDATA sections and what must not be translated are protected, or outside of blocks."""
    marked = parse_xml(
        '<a><p>Is <x translate="no">A <b>B</b></x> &amp;<![CDATA[<c>\n]]>?</p>'
        '<p translate="no">D <b translate="yes">e</b> F</p><p><![CDATA[g]]></p></a>'
    )
    check(marked)
    assert protected(marked) == ['<x translate="no">A <b>B</b></x>', "<![CDATA[<c>\n]]>"]
    assert read(marked)[1:] == ["e"]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("<a>\n<é>가<b></a>", "line 2, column 10"),
        ("x</text>", "line 1, column 9"),
        ("</text><text>", "line 1, column 8"),
        ("a & b", "line 1, column 4"),
        ("<a>x", "line 1, column 5"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "line 1, column"),
        ("<?xml version='1.0'?>\n", "line 2, column 1"),
    ],
)
def test_other_text_is_refused(document: str, place: str) -> None:
    """The error for text that is not well-formed, or declares entities, says where and why."""
    with pytest.raises(MarkupError, match=place):
        parse_xml(document)


PIECES = ("a", "가 ", " \n", "&lt;", "&#32;", "<!-- a -->", "<b/>", "<![CDATA[<a>]]>", "<?p q?>")
OPENINGS = ("<i>", "<u>", '<i translate="no">', '<u translate="yes">', '<i xml:space="preserve">')
DOCUMENTS = st.recursive(
    st.sampled_from(PIECES),
    lambda parts: st.tuples(st.sampled_from(OPENINGS), st.lists(parts, max_size=5)).map(
        lambda element: f"{element[0]}{''.join(element[1])}</{element[0][1]}>"
    ),
)


@given(st.lists(DOCUMENTS, max_size=6).map("".join))
def test_any_document_is_read(document: str) -> None:
    """Whatever the document, blocks, edits, elements, and protected ranges are sound."""
    check(parse_xml(document))


@given(st.text(st.sampled_from("ab<>/&;[]!-?'\" \n\0é\ud800"), max_size=20) | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Text that is no XML raises no other error."""
    try:
        check(parse_xml(text))
    except MarkupError as error:
        assert str(error).endswith(".")


@given(st.text(st.sampled_from("a<>&;\"' \u00a0]é")))
def test_escaped_text_is_text(text: str) -> None:
    """Text that was escaped is read as it was, without elements."""
    marked = parse_xml(f'<a xml:space="preserve">x{"".join(escape_xml(text))}x</a>')
    assert read(marked) == [f"x{text}x"]
    assert not marked.elements
