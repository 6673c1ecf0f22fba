"""Paragraphs of Word documents."""

import pytest

from jumok.cli.documents.docx_paragraphs import find_slots

BOLD = "<w:rPr><w:b/></w:rPr>"
PICTURE = "<w:r><w:drawing/></w:r>"


def run(content: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{content}</w:t></w:r>'


def paragraph(*parts: str) -> str:
    return f"<w:p><w:pPr/>{''.join(parts)}</w:p>"


def sent(text: str) -> list[str]:
    return [slot.text for slot in find_slots(f"<w:body>{text}</w:body>", "document")]


def written(text: str, *translations: str) -> str:
    """The paragraphs with translations."""
    text = f"<w:body>{text}</w:body>"
    slots = list(find_slots(text, "document"))
    for slot, translation in list(zip(slots, translations, strict=True))[::-1]:
        text = text[: slot.start] + slot.write(translation) + text[slot.end :]
    return text.removeprefix("<w:body>").removesuffix("</w:body>")


def xml(content: str) -> str:
    return f'<text xml:space="preserve">{content}</text>'


def test_runs_of_one_format() -> None:
    """Runs that look the same are one text, which becomes one run."""
    text = paragraph(run("A "), "<w:proofErr/>", run("&lt;tex"), run("t&gt;"), "<w:bookmarkEnd/>")

    assert sent(text) == ["A <text>"]
    assert written(text, "B & c") == paragraph(run("B &amp; c"), "<w:bookmarkEnd/>")


def test_formats() -> None:
    """Runs of another format than most of the text are elements, wherever they end up."""
    text = paragraph(run("A "), run("bold", BOLD), run(" text &amp; more"))

    assert sent(text) == [xml('A <g id="1">bold</g> text &amp; more')]
    assert written(text, xml('More &lt; <g id="1">fett</g>')) == (
        paragraph(run("More &lt; "), run("fett", BOLD))
    )


def test_tabs_and_line_breaks() -> None:
    """They are characters of the text, but a page break is kept as a whole."""
    text = paragraph("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/></w:r>", run("c"))
    page = paragraph(run("a"), '<w:r><w:br w:type="page"/></w:r>', run("b"))

    assert sent(text) == ["a\tb\nc"]
    assert sent(page) == [xml('a<x id="1"/>b')]
    assert '</w:t><w:tab/><w:t xml:space="preserve">' in written(text, "A\tB")


def test_links() -> None:
    """The text of a link stays in the link."""
    link = f'<w:hyperlink r:id="1">{run("here", BOLD)}</w:hyperlink>'
    text = paragraph(run("Look "), link, run("."))

    assert sent(text) == [xml('Look <g id="1">here</g>.')]
    assert written(text, xml('<g id="1">Hier</g> ist es.')) == (
        paragraph(link.replace("here", "Hier"), run(" ist es."))
    )
    assert written(paragraph(link), "Hier") == paragraph(link.replace("here", "Hier"))


def test_what_is_kept_stays_in_order() -> None:
    """Pictures, bookmarks and the like keep their order, and none is lost."""
    parts = "<w:bookmarkStart/>", run("a"), PICTURE, run("b"), "<w:bookmarkEnd/>", run("c")
    text = paragraph(*parts)

    assert sent(text) == [xml('a<x id="1"/>b<x id="3"/>c')]
    assert written(text, xml('<x id="3"/>C<x id="1"/>')) == (
        paragraph("<w:bookmarkStart/>", PICTURE, run("C"), "<w:bookmarkEnd/>")
    )
    assert written(text, xml("C")) == (
        paragraph("<w:bookmarkStart/>", run("C"), PICTURE, "<w:bookmarkEnd/>")
    )


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def test_fields() -> None:
    """A field is kept as a whole; one over several paragraphs keeps these."""
    page = field("begin") + run("PAGE") + field("separate") + run("one") + field("end")

    assert sent(paragraph(run("Page "), page, run(" of all"))) == [xml('Page <x id="1"/> of all')]
    assert sent(paragraph(run("a"), field("begin"), run("b")) + paragraph(field("end"))) == []


def test_text_box() -> None:
    """A paragraph around a text box is two, with that of the box between them."""
    box = f"<w:r><w:pict><w:txbxContent>{paragraph(run('box'))}</w:txbxContent></w:pict></w:r>"
    text = paragraph(run("before"), box, run("after"))

    assert sorted(sent(text)) == ["after", "before", "box"]


@pytest.mark.parametrize("content", ["", run(" "), PICTURE, "<w:ins/>", "<m:oMath/>"])
def test_paragraphs_without_text(content: str) -> None:
    """They stay."""
    assert sent(paragraph(content)) == []
