"""HTML, XML and Markdown documents."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.kind import Kind
from tests.cli.documents.documents import check_kept, texts, translated

PAGE = """\ufeff<!DOCTYPE html>
<title>A page</title><!-- note -->
<p class="a">Some <b>bold</b>
  text &amp; more<br>next<p translate="no">Kept</p>
<script>var a = "b";</script>
<table><tr><td>12<td>cell</table>
"""

XML = """<?xml version="1.0"?>
<doc  a='b'>\t<title>Name</title><!-- note -->
<p>Some <b>bold</b>
  text<x/></p><code translate="no">int</code><c><![CDATA[ a < b ]]></c></doc>
"""

MARKDOWN = """---
title: Front
---
# Heading #

A [link][site] that is in a line which is long enough to be continued
on the next line.

> A quotation that is long enough to be continued on the next line, too,
> where it ends.

- item
- other

```
code
```

[site]: https://example.com "Title"
"""


def shout(text: str) -> str:
    """The text in capitals, except for tags and addresses."""
    return re.sub(
        r"<[^>]*>|\[site\](?:: .*)?|&\w+;|[^<&\[]+", lambda match: capital(match[0]), text
    )


def capital(part: str) -> str:
    return part if part[0] in "<[&" else part.upper()


def test_html() -> None:
    """Blocks are passages, with their inline tags, on one line; all else stays."""
    assert texts(PAGE, Kind.HTML) == [
        "A page",
        "Some <b>bold</b> text &amp; more",
        "next",
        "cell",
    ]
    assert translated(PAGE, Kind.HTML, shout) == (
        PAGE.replace("A page", "A PAGE")
        .replace("Some <b>bold</b>\n  text &amp; more", "SOME <b>BOLD</b> TEXT &amp; MORE")
        .replace("next", "NEXT")
        .replace("cell", "CELL")
    )


def test_xml() -> None:
    """Elements with text are passages, without their own tags."""
    assert texts(XML, Kind.XML) == ["Name", "Some <b>bold</b> text"]
    assert translated(XML, Kind.XML, shout) == (
        XML.replace("Name", "NAME").replace("Some <b>bold</b>\n  text", "SOME <b>BOLD</b> TEXT")
    )


@pytest.mark.parametrize(
    ("text", "kind", "sent"),
    [
        ("<pre>a\n  b <i>c\nd</i></pre>", Kind.HTML, "<pre>a\n  b <i>c\nd</i></pre>"),
        (
            "<a xml:space='preserve'>b\n c</a>",
            Kind.XML,
            '<text xml:space="preserve">b\n c</text>',
        ),
    ],
)
def test_kept_space(text: str, kind: Kind, sent: str) -> None:
    """A block that keeps its line breaks is sent in an element that says so."""
    assert texts(text, kind) == [sent]
    assert translated(text, kind, shout) == shout(text)


def test_code_with_line_break() -> None:
    """A line break in inline code does not keep those of the text."""
    assert texts("<p>a <code>b\nc</code>\nd", Kind.HTML) == ["a <code>b\nc</code> d"]
    assert texts("<p>a <b\nid=x>b</b>\nc", Kind.HTML) == ["a <b\nid=x>b</b> c"]


def test_markdown() -> None:
    """Blocks are passages without their markers; a link is sent with its definition."""
    heading, paragraph, quotation, item, other = texts(MARKDOWN, Kind.MARKDOWN)

    assert (heading, item, other) == ("Heading", "item", "other")
    assert paragraph.startswith("A [link][site] that")
    assert paragraph.endswith('on the next line.\n\n[site]: https://example.com "Title"')
    assert "continued on the next" in paragraph
    assert quotation.endswith("too, where it ends.")
    shouted = translated(MARKDOWN, Kind.MARKDOWN, shout)
    assert "# HEADING #" in shouted
    assert "A [LINK][site] THAT IS" in shouted
    assert "> A QUOTATION" in shouted
    assert shouted.endswith(MARKDOWN[MARKDOWN.index("```") :])
    assert shouted.startswith(MARKDOWN[: MARKDOWN.index("Heading")])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<a>\n<b></a>", "well-formed XML at line 2"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "declares an entity"),
    ],
)
def test_invalid_xml(text: str, message: str) -> None:
    """XML that the service would refuse is refused at once."""
    with pytest.raises(DocumentError, match=message):
        texts(text, Kind.XML)


@pytest.mark.parametrize(
    ("kind", "text"), [(Kind.HTML, PAGE), (Kind.XML, XML), (Kind.MARKDOWN, MARKDOWN)]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_round_trip(kind: Kind, text: str, line_end: str) -> None:
    """A document stays byte for byte."""
    check_kept(text.replace("\n", line_end), kind)


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b>",
                "</b>",
                "<pre>",
                "word",
                "\n",
                " ",
                "> ",
                "- ",
                "`",
                "&amp;",
                "|",
            ]
        )
    ),
    st.sampled_from([Kind.HTML, Kind.MARKDOWN]),
)
def test_any_document(parts: list[str], kind: Kind) -> None:
    """Anything can be read as HTML or Markdown, and stays byte for byte."""
    check_kept("".join(parts), kind)
