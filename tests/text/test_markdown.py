"""Markdown: what is translated of a document, and which markup is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.text import markdown
from jumok.text.markdown import escape_markdown, parse_markdown
from tests.text.marked import check, elements, protected, read


@pytest.fixture
def wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read even the shortest lines as wrapped text."""
    monkeypatch.setattr(markdown, "_WRAPPED", 0)


def test_short_lines_are_blocks() -> None:
    """Short lines, as of a poem, are translated one by one; long ones continue in the next."""
    long = "ein langes Wort " * 5
    document = f"Haus 3\n12345 Ort\n\n{long}\nund Ende\n"
    assert read(parse_markdown(document)) == ["Haus 3", "12345 Ort", f"{long}und Ende"]


@pytest.mark.usefixtures("wrapped")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("# One #\n\nTwo\n===\n\n## Three", ["One", "Two", "Three"]),
        ("- a\n  b\n\n  c\n* d\n1. e\n2) f\n- [ ] g\n- [x] h", ["a b", *"cdefgh"]),
        ("> a\n> b\nc\n\n> - # d\n>   e", ["a b c", "d", "e"]),
        ("| a | b\\|c |\n|---|:-:|\n| `x` y | z<br>w |", ["a", "b|c", "`x` y", "z", "w"]),
        ("a  \nb\\\nc\nd", ["a", "b", "c d"]),
        ("a\r\nb\r\n\r\nc\r", ["a b", "c"]),
        ("```\na\n```\n\n    b\n\n~~~\nc\n~~~\n", []),
        ("---\ntitle: a\n---\nb\n\n---\n\n***\n", ["b"]),
        ("+++\ntitle = 'a'\n+++\nb", ["b"]),
        ("<div>\na\n</div>\n\n<!-- b -->\n\n[c]: /d 'e'\n", []),
        ("\\*a\\* &lt; &copy &eacute;\\\\", ["*a* < &copy é\\"]),
        ("3 * 4 * 5 a_b_c 2 ~ 3 [x] ** y", ["3 * 4 * 5 a_b_c 2 ~ 3 [x] ** y"]),
        ("12\n\n| 1 | 2 |\n|---|---|\n| 3 | a |", ["a"]),
    ],
)
def test_blocks_are_translated_one_by_one(document: str, expected: list[str]) -> None:
    """Headings, paragraphs, and table cells are blocks without markers; code is not."""
    marked = parse_markdown(document)
    check(marked)
    assert read(marked) == expected


@pytest.mark.usefixtures("wrapped")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("x **a** *b* _c_ __d__ ~~e~~ y", [(m, m) for m in ("**", "*", "_", "__", "~~")]),
        ("x ***a*** *b **c*** y", [("***", "***"), ("*", "*"), ("**", "**")]),
        ("x [a](b 'c') [d *e*](<f g>) [h](i_(j)) y", [
            ("[", "](b 'c')"), ("[", "](<f g>)"), ("*", "*"), ("[", "](i_(j))")]),
        ("x [a][b] y\n\n[B]: /c", [("[", "][b]")]),
        ("x ![a](b) [![c](d)](e) y [^1] z", [
            ("![a](b)", None), ("[", "](e)"), ("![c](d)", None), ("[^1]", None)]),
        ("x <b>a</b> <img> <!-- c --> y", [("<b>", "</b>"), ("<img>", None), ("<!-- c -->", None)]),
        ("x *a <b>b* c</b> y", [("*", "*"), ("<b>", None), ("</b>", None)]),
        ("나는 **학교**에 *가*요", [("**", "**"), ("*", "*")]),
        ("> x **a\n> b** y", [("**", "**")]),
        ("x *a **b c* d", [("*", "*")]),
    ],
)  # fmt: skip
def test_inline_markup_is_elements(document: str, expected: list[tuple[str, str | None]]) -> None:
    """Emphasis, links, images, footnote references, and tags are elements."""
    marked = parse_markdown(document)
    check(marked)
    assert elements(marked) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("x `a*b*` ``c`d`` `", ["`a*b*`", "``c`d``"]),
        ("x <http://a.b/_c_> <d@e.f> y", ["<http://a.b/_c_>", "<d@e.f>"]),
        ("x <kbd>*K*</kbd> <kbd>y", ["<kbd>*K*</kbd>"]),
        ("x [a] [b][] [c] y\n\n[a]: /d\n[B]: /e", ["[a]", "[b][]"]),
        ("x <i translate=no>a</i> y", ["<i translate=no>a</i>"]),
    ],
)  # fmt: skip
def test_code_and_labels_are_protected(document: str, expected: list[str]) -> None:
    """Code, addresses in brackets, and labels of definitions are copied."""
    marked = parse_markdown(document)
    check(marked)
    assert protected(marked) == expected


def test_addresses_are_text() -> None:
    """Underscores and asterisks in an address are no emphasis."""
    text = "x https://a.b/_c_/d_e_ y"
    assert read(parse_markdown(text)) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 * 4", "3 * 4"),
        ("a_b #c (1. d) - e", "a_b #c (1. d) - e"),
        ("*a* __b__", "\\*a\\* \\_\\_b\\_\\_"),
        ("# a", "\\# a"),
        ("1. a", "1\\. a"),
        ("- a", "\\- a"),
        ("[a](b) `c` d|e", "\\[a\\](b) \\`c\\` d\\|e"),
        ("a <b> < 3 &amp; c", "a \\<b> < 3 \\&amp; c"),
    ],
)
def test_only_markup_is_escaped(text: str, expected: str) -> None:
    """Characters that would be markup are escaped, and only those."""
    assert "".join(escape_markdown(text)) == expected


PIECES = (
    *("*", "**", "_", "__", "***", "~~", "[", "]", "](b)", "][c]", "![", "`", "``", "\\", "|", "<"),
    *("<b>", "</b>", "<br>", "<code>", "</code>", "<!--", "-->", "&amp;", "<https://a.b>", "[c]"),
    *(
        "\n",
        "\n\n",
        "  \n",
        "\n> ",
        "\n- ",
        "\n  ",
        "\n    ",
        "\n1. ",
        "\n# ",
        "\n```\n",
        "\n---\n",
    ),
    *("a", "가", " ", "b c", "\t", "\0", "\r", "\u00a0", "\n|-|-|\n", "\n[c]: d\n", "[^1]", "[ ] "),
)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_any_document_is_read(document: str) -> None:
    """Whatever the text, blocks, edits, elements, and protected ranges are sound."""
    check(parse_markdown(document))


@given(st.text(st.sampled_from("a b*_`[]()<>&;\\~|#-1.!"), min_size=1, max_size=20))
def test_escaped_text_is_text(text: str) -> None:
    """Text that was escaped is read as it was, without elements."""
    text = " ".join(f"x {text} x".split())
    marked = parse_markdown("".join(escape_markdown(text)))
    assert not marked.elements
    assert not marked.protected
    assert read(marked) == [text]
