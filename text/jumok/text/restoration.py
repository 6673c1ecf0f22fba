"""Give a translation what the model did not read: copied text, tags, capitals."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.words import TextSpan
from jumok.text.casing import capitalised
from jumok.text.copied_text import CopiedText
from jumok.text.model_text import ModelText
from jumok.text.placement import PlacedElement, Placement

_WORD_END: Final = re.compile(r"(?:e?s)?(?!\w)")


def _joins(neighbour: str) -> bool:
    """Tell whether a word continues beside copied text; a Korean particle is not part of it."""
    return neighbour.isascii() and neighbour.isalnum()


class RestoredText:
    """A translation with all that its source has.

    Attributes:
        text: the text.
        texts: the text that each token adds.
    """

    def __init__(
        self,
        source: ModelText,
        source_tokens: Sequence[TextSpan],
        texts: Sequence[str],
        attention: NDArray[np.float32],
    ) -> None:
        """Restore a translation.

        Args:
            source: the source.
            source_tokens: range of each source token in the text that the model read.
            texts: the text that each target token adds.
            attention: float32 [target, source] over these tokens.
        """
        self._source, self._target = source, "".join(texts)
        self._written, self._length = list[str](), 0
        # for each place of the translation as the model wrote it: where what follows begins, and
        # where what precedes ends
        self._starts = [0] * (len(self._target) + 1)
        self._ends = [0] * (len(self._target) + 1)
        ends = [0, *accumulate(map(len, texts))]
        tokens = [TextSpan(*bounds) for bounds in pairwise(ends)]
        placement = Placement(source.read, source_tokens, self._target, tokens, attention)
        self._pieces, self._inserted = dict[int, str](), dict[int, list[str]]()
        self._copy(placement)
        self._use_terms(placement)
        self._mark(placement.enclose(source.elements), 0, len(self._target))
        self._write("".join(self._inserted.pop(len(self._target), ())))
        self.text = "".join(self._written)
        cuts = [*(self._ends[end] for end in ends[:-1]), self._length]
        self.texts = [self.text[start:end] for start, end in pairwise(cuts)]

    def place(self, span: TextSpan) -> TextSpan:
        """Return where a range of what the model wrote is, without the tags at its edges."""
        return TextSpan(self._starts[span.start], self._ends[span.end])

    def _copy(self, placement: Placement) -> None:
        """Find the places of copied text; placeholders that are not expected are left out."""
        for place, character in enumerate(self._target):
            if "\ue000" <= character <= "\uf8ff":
                self._pieces[place] = ""
        for copied in self._source.copied:
            place = self._target.find(copied.piece) if copied.piece else -1
            if place >= 0:
                self._pieces[place] = self._spaced(copied.text, copied.span, place, place + 1)
            else:
                self._insert(placement, copied)

    def _use_terms(self, placement: Placement) -> None:
        """Replace the words that correspond to terms, unless the translation has what they need."""
        taken = list[TextSpan]()
        missing = list[CopiedText]()
        for term in self._source.terms:
            present = next(
                (each for each in self._occurrences(term.text) if each not in taken), None
            )
            if present is None:
                missing.append(term)
            else:
                taken.append(present)
        for term in missing:
            span = placement.corresponding(term.span, taken)
            if span is None:
                self._insert(placement, term)
                continue
            taken.append(span)
            text = "".join(capitalised(term.text, self._source.capitals))
            if not self._target[: span.start].strip() and self._target[span.start].isupper():
                text = text[:1].upper() + text[1:]
            self._pieces |= dict.fromkeys(range(*span), "")
            self._pieces[span.start] = "".join(self._source.escape(text))

    def _occurrences(self, term: str) -> Iterator[TextSpan]:
        """Yield where the translation has a term as a word, which can have a plural ending.

        Its first letter can be a capital.
        """
        term = "".join(capitalised(term, self._source.capitals))
        target = "".join(capitalised(self._target, self._source.capitals))
        for variant in dict.fromkeys((term, term[:1].upper() + term[1:])):
            start = target.find(variant)
            while start >= 0:
                end = start + len(variant)
                if not target[start - 1 : start].isalnum() and _WORD_END.match(target, end):
                    yield TextSpan(start, end)
                start = target.find(variant, end)

    def _insert(self, placement: Placement, copied: CopiedText) -> None:
        """Insert text after what corresponds to the source before it."""
        place = placement.after(self._source.read.place(copied.span.start))
        text = copied.text if copied.entry is None else "".join(self._source.escape(copied.text))
        text = self._spaced(text, copied.span, place, place)
        self._inserted.setdefault(place, []).append(text)

    def _spaced(self, text: str, span: TextSpan, start: int, end: int) -> str:
        """Separate text from the words of the translation beside it.

        Args:
            text: the text.
            span: what it stands for in the text as sent.
            start: where it begins in the translation.
            end: where what it replaces ends.
        """
        document = self._source.read.document
        before, after = document[span.start - 1 : span.start], document[span.end : span.end + 1]
        left, right = self._target[start - 1 : start], self._target[end : end + 1]
        is_tag = text.startswith("<")
        if start == end:
            space_before = bool(left.strip()) and (before.isspace() or not is_tag)
            space_after = right.isalnum() and (not after or after.isspace() or not is_tag)
        else:  # the model wrote a placeholder, but can join it to words that the source does not
            space_before = left.isalnum() and not (is_tag or _joins(before))
            space_after = right.isalnum() and not (is_tag or _joins(after))
        return f"{' ' * space_before}{text}{' ' * space_after}"

    def _mark(self, elements: Sequence[PlacedElement], start: int, end: int) -> None:
        """Write a range of the translation with elements."""
        for placed in elements:
            self._plain(start, placed.span.start)
            element, (start, end_of_element) = placed.element, placed.span
            if start == end_of_element:
                tags = "".join(self._tags(placed))
                self._write(self._spaced(tags, element.span, start, start))
            else:
                self._write(self._source.read.document[slice(*element.opening)])
                self._mark(placed.inner, start, end_of_element)
                if element.closing is not None:
                    self._write(self._source.read.document[slice(*element.closing)])
            start = end_of_element
        self._plain(start, end)

    def _tags(self, placed: PlacedElement) -> Iterator[str]:
        document, element = self._source.read.document, placed.element
        yield document[slice(*element.opening)]
        for inner in placed.inner:
            yield from self._tags(inner)
        if element.closing is not None:
            yield document[slice(*element.closing)]

    def _plain(self, start: int, end: int) -> None:
        """Write a range of the translation without elements."""
        text = capitalised(self._target[start:end], self._source.capitals)
        if all(len(character) == 1 for character in text):
            written = self._source.escape("".join(text))
        else:  # "ß" becomes "SS"
            written = ["".join(self._source.escape(character)) for character in text]
        for place in range(start, end):
            self._write("".join(self._inserted.pop(place, ())))
            self._starts[place] = self._length
            piece = self._pieces.get(place)
            self._write(written[place - start] if piece is None else piece)
            self._ends[place + 1] = self._length

    def _write(self, text: str) -> None:
        self._written.append(text)
        self._length += len(text)
