"""HTML: what is translated of a page, and which tags are kept."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.text.html import escape_html, parse_html
from tests.text.marked import check, elements, protected, read


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("Hello.", ["Hello."]),
        ("<p>One.<p>Two.", ["One.", "Two."]),
        ("<ul><li>One<li>Two <b>more</b></ul>", ["One", "Two more"]),
        ("<table><tr><td>A<td>B<tr><th>C</table>", ["A", "B", "C"]),
        ("One<br>Two<br/>Three", ["One", "Two", "Three"]),
        ("<div>One<p>Two</p>Three</div>", ["One", "Two", "Three"]),
        ("<button>Save</button><select><option>A<option>B</select>", ["Save", "A", "B"]),
        ("<!doctype html><html><head><meta charset=utf-8><title>T</title></head>", ["T"]),
        ("<title>a <b> &amp; c</title>", ["a <b> & c"]),
        ("<textarea>a\n  <b></textarea>", ["a\n  <b>"]),
        ("<p>12:30</p><p>&nbsp;</p><p>---</p>", []),
        ('<p title="no">Yes</p>', ["Yes"]),
        ("</p>A</div>B<my-card>C</my-card>", ["A", "BC"]),
    ],
)
def test_blocks_are_translated_one_by_one(page: str, expected: list[str]) -> None:
    """The text of each block-level element is a block, unless it has no letter."""
    marked = parse_html(page)
    check(marked)
    assert read(marked) == expected


@pytest.mark.parametrize(
    ("page", "block"),
    [
        ("<p><b>Hello.</b></p>", "Hello."),
        ("<p> <i class=icon></i> <a href=x><img> Hello. </a> <!-- end --></p>", "Hello."),
        ("<p><b>Hello</b> you <i>two</i></p>", "<b>Hello</b> you <i>two</i>"),
        ("<p><b> <i>Hello</i> you</b> <img></p>", "<i>Hello</i> you"),
        ("<b><p>Hello</p></b>", "Hello"),
    ],
)
def test_a_block_is_trimmed(page: str, block: str) -> None:
    """White space and tags that surround all of a block's text are outside of it."""
    marked = parse_html(page)
    check(marked)
    assert [page[slice(*span)] for span in marked.blocks] == [block]


def test_inline_tags_are_elements() -> None:
    """Pairs of tags, void elements, comments, and tags without partner are elements."""
    marked = parse_html("<p>A <a href='x>y'>b</a><img src=x> <!-- > -->c</i> <B>d</p>e<u>f</b></u>")
    check(marked)
    assert read(marked) == ["A b c d", "ef"]
    assert elements(marked) == [
        ("<a href='x>y'>", "</a>"),
        ("<img src=x>", None),
        ("<!-- > -->", None),
        ("</i>", None),
        ("<B>", None),
        ("<u>", "</u>"),
        ("</b>", None),
    ]


def test_elements_that_cross_are_divided() -> None:
    """Of two elements that cross, the outer one is kept, and the other's tags are apart."""
    marked = parse_html("<b>x<i>y</b>z</i> w")
    check(marked)
    assert elements(marked) == [("<b>", "</b>"), ("<i>", None), ("</i>", None)]


@pytest.mark.parametrize(
    ("page", "texts", "copied"),
    [
        ("Run <code>a<b>&lt;</code>!", ["Run <code>a<b>&lt;</code>!"], ["<code>a<b>&lt;</code>"]),
        (
            "Use <b class='x notranslate'>Jumok <i>1</i></b> now",
            ["Use <b class='x notranslate'>Jumok <i>1</i></b> now"],
            ["<b class='x notranslate'>Jumok <i>1</i></b>"],
        ),
        ("A<p translate=no>B <b>c</b></p>D", ["A", "D"], []),
        ("<li translate='no'>A<li>B", ["B"], []),
        ("<div translate=no>A <i translate=yes>b <u>c</u></i> d</div>", ["b c"], []),
        ("<p>A <code>b</p><p>C</p>", ["A <code>b", "C"], ["<code>b"]),
        ("<pre><code>a b</code></pre><script>'<b>'</script><style>a</style>", [], []),
        ("<button><svg><text>a</text></svg> Save<script>b</script>!</button>", ["Save!"], []),
        ("<ruby>漢<rt>kan</rt></ruby>字", ["漢字"], []),
    ],
)  # fmt: skip
def test_some_elements_are_not_translated(page: str, texts: list[str], copied: list[str]) -> None:
    """Code and what must not be translated is kept: protected in a sentence, else outside."""
    marked = parse_html(page)
    check(marked)
    assert read(marked) == texts
    assert protected(marked) == copied


def test_white_space_is_one_space() -> None:
    """White space is read as a browser shows it, also where tags divide it; `<pre>` keeps it."""
    marked = parse_html("<p>a  b\n c <b> d</b>\te&#10;f&#32; g</p><pre>h\n  i <b> j</b></pre>")
    check(marked)
    assert read(marked) == ["a b c d\te f g", "h\n  i  j"]


def test_entities_are_characters() -> None:
    """Entities are read as their characters, also without semicolon where browsers allow it."""
    page = "x &lt;b&gt; &amp &eacute;&#50668;&#xfc &nosuch; AT&T &nbsp;&" + "#" + "9" * 9000
    marked = parse_html(page)
    check(marked)
    assert read(marked)[0].startswith("x <b> & é여ü &nosuch; AT&T \u00a0")


def test_text_is_escaped() -> None:
    """Characters that would be markup are written as entities, quotes are not."""
    assert (
        "".join(escape_html("a < b & \"c\" > 'd'\u00a0!")) == "a &lt; b &amp; \"c\" &gt; 'd'&nbsp;!"
    )


@pytest.mark.parametrize("page", ["if a <b then c < d", "a <3 b", "x <", "</", "<![x", "<a b='>"])
def test_a_bracket_can_be_text(page: str) -> None:
    """A `<` that starts no tag is a character."""
    check(parse_html(page))
    assert not elements(parse_html(page))


PIECES = (
    *("<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<a href='>'>", "</a>", "<br>", "<img/>"),
    *("<code>", "</code>", "<div translate=no>", "</div>", "<u translate=yes>", "</u>", "<svg>"),
    *("</svg>", "<pre>", "</pre>", "<span class=notranslate>", "</span>", "<!-- a -->", "<!--"),
    *("<title>", "</title>", "<script>", "</script>", "<li>", "<x-y>", "</x-y>", "<!", "<a", '="'),
    *("a", "가 ", " ", "\n", "\u00a0", "&amp;", "&lt", "&#32;", "&nbsp;", "&", "<", ">", "1."),
)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_any_page_is_read(page: str) -> None:
    """Whatever the text, blocks, edits, elements, and protected ranges are sound."""
    marked = parse_html(page)
    check(marked)
    assert marked.text == page


@given(st.text(st.sampled_from("a<>&;\"' \u00a0ltb/#1é")))
def test_escaped_text_is_text(text: str) -> None:
    """Text that was escaped is read as it was, without elements."""
    marked = parse_html(f"x{''.join(escape_html(text))}x")
    assert not marked.elements
    assert html.unescape("".join(escape_html(text))) == text
