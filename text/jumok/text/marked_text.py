"""A text with markup: which parts are translated, and which tags are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jumok.bundle.words import TextSpan
from jumok.text.edits import Edit


@dataclass(frozen=True, slots=True)
class InlineElement:
    """A part of a sentence that is marked, such as `<b>bold</b>`, or an empty one, such as `<img>`.

    Attributes:
        opening: the opening tag, or all of an empty element, a comment, or a tag without partner.
        closing: the closing tag; None for an empty element.
    """

    opening: TextSpan
    closing: TextSpan | None = None

    @property
    def span(self) -> TextSpan:
        """All of it, tags included."""
        return TextSpan(self.opening.start, (self.closing or self.opening).end)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text and its markup. All ranges are in the text as sent, in Unicode code points.

    Attributes:
        text: the text as sent.
        blocks: ranges whose text is translated, such as paragraphs, in ascending order. What is
            outside of them is kept.
        edits: what the model reads otherwise inside of blocks, in ascending order, without overlap:
            the tags of inline elements (nothing), entities (their characters), white space.
        elements: inline elements inside of blocks, in the order of their opening tags. Each is
            inside of one block, and two of them are apart or one contains the other.
        protected: ranges inside of blocks that are copied unchanged, tags included, in ascending
            order, such as `<code>x</code>`. No edit or element overlaps them.
        escape: returns what is written in this markup for each character of plain text.
    """

    text: str
    blocks: tuple[TextSpan, ...]
    edits: tuple[Edit, ...]
    elements: tuple[InlineElement, ...]
    protected: tuple[TextSpan, ...]
    escape: Callable[[str], Sequence[str]]


def plain_text(text: str) -> MarkedText:
    """Return a text without markup: one block."""
    return MarkedText(text, (TextSpan(0, len(text)),), (), (), (), list)
