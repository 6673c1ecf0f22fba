"""What must hold for every text with markup, and a short form of one."""

from itertools import pairwise

from jumok.bundle.words import TextSpan
from jumok.text.edits import EditedText
from jumok.text.marked_text import MarkedText


def read(marked: MarkedText) -> list[str]:
    """Return the blocks as the model reads them."""
    return [EditedText(marked.text, marked.edits, block).text for block in marked.blocks]


def elements(marked: MarkedText) -> list[tuple[str, str | None]]:
    """Return the opening and closing tags of the elements."""
    return [
        (
            marked.text[slice(*element.opening)],
            element.closing and marked.text[slice(*element.closing)],
        )
        for element in marked.elements
    ]


def protected(marked: MarkedText) -> list[str]:
    return [marked.text[slice(*span)] for span in marked.protected]


def check(marked: MarkedText) -> None:
    """Assert what `MarkedText` promises."""
    edits = [edit.span for edit in marked.edits]
    tags = [
        span
        for element in marked.elements
        for span in (element.opening, element.closing)
        if span is not None
    ]
    for spans in (marked.blocks, edits, marked.protected, sorted(tags)):
        _check_order(spans)
    _check_order(sorted([*edits, *marked.protected]))
    assert set(tags) <= set(edits)
    for span in (*edits, *marked.protected):
        assert _block(marked, span)
    _check_nesting(marked)
    for block, text in zip(marked.blocks, read(marked), strict=True):
        assert any(map(str.isalpha, text))
        assert not marked.text[slice(*block)].startswith((" ", "\n"))


def _check_order(spans: list[TextSpan] | tuple[TextSpan, ...]) -> None:
    assert all(start < end for start, end in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


def _block(marked: MarkedText, span: TextSpan) -> TextSpan | None:
    found = (b for b in marked.blocks if b.start <= span.start and span.end <= b.end)
    return next(found, None)


def _check_nesting(marked: MarkedText) -> None:
    openings = [element.opening for element in marked.elements]
    assert openings == sorted(openings)
    around = list[TextSpan]()
    for element in marked.elements:
        closing = element.closing or element.opening
        whole = TextSpan(element.opening.start, closing.end)
        assert _block(marked, whole)
        while around and around[-1].end <= whole.start:
            around.pop()
        assert not around or whole.end <= around[-1].start or whole.end <= around[-1].end
        around.append(whole)
