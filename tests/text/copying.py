"""A translation that copies what the model reads, to see what is restored."""

from collections.abc import Callable, Sequence

import numpy as np

from jumok.bundle.tokenizer import PLACEHOLDERS
from jumok.bundle.words import TextSpan
from jumok.text.copied_text import NotTranslated
from jumok.text.marked_text import MarkedText
from jumok.text.model_text import Draft, ModelText
from jumok.text.restoration import RestoredText
from jumok.text.segments import TokenLimit, find_segments


def restored(source: ModelText, words: Callable[[str], str] = str) -> RestoredText:
    """Restore what `words` makes of each character that the model reads."""
    read = source.read.text
    spans = [TextSpan(place, place + 1) for place in range(len(read))]
    return RestoredText(source, spans, list(map(words, read)), np.eye(len(read), dtype=np.float32))


def copied(
    marked: MarkedText,
    language: str = "de",
    pieces: Sequence[str] = PLACEHOLDERS,
    not_translated: NotTranslated | None = None,
    most: int = 1000,
    words: Callable[[str], str] = str,
) -> str:
    """Return a text, each of whose characters is a token that is translated by `words`."""
    draft = Draft(marked, pieces, not_translated or NotTranslated())
    parts, place = list[str](), 0
    for block in draft.blocks:
        limit = TokenLimit(len, most)
        for segment in find_segments(block.text, language, limit, draft.contents(block)):
            source = draft.segment(block, segment.span)
            if source.has_letters:
                start, end = source.read.span
                assert place <= start, (marked.text, place, start)
                parts += marked.text[place:start], restored(source, words).text
                place = end
    return "".join([*parts, marked.text[place:]])
