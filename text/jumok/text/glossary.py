"""Glossaries: terms whose translation is prescribed."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from jumok.bundle.words import TextSpan
from jumok.text.spelling import standard_spelling

_PARTICLES: Final = (
    "으로부터|에서부터|에게서|으로써|으로서|이라고|이라는|이에요|입니다|입니까|에서는|에서도|에게는|에게도"
    "|까지|부터|에서|에게|께서|한테|으로|처럼|보다|마다|조차|마저|밖에|이나|이랑|하고|라고|라는|예요|이다"
    "|이야|인데|에는|에도|에만|은|는|이|가|을|를|에|의|로|와|과|도|만|나|랑|야|님"
)
_ENDS: Final = {
    False: re.compile(r"(?!\w)"),
    True: re.compile(rf"(?:{_PARTICLES})?(?!\w)"),  # after Hangul
}


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A term and its translation.

    Attributes:
        source: the term in the source language.
        target: what the translation has for it.
    """

    source: str
    target: str


class Glossary:
    """Entries, found as whole words; Korean particles may follow a term.

    Attributes:
        entries: the entries, followed by those of the glossary that it extends.
    """

    def __init__(
        self, entries: Sequence[GlossaryEntry] = (), extends: "Glossary | None" = None
    ) -> None:
        """Prepare to find the sources of `entries`, of which the longest is preferred.

        Args:
            entries: the entries; of several with the same source, the first is used.
            extends: a glossary that is searched as well; it is shared, not prepared again. For a
                source that both have, `entries` is used.
        """
        self.entries: Sequence[GlossaryEntry] = entries
        if extends is not None:
            self.entries = (*entries, *extends.entries)
        self._extends, self._own = extends, len(entries)
        self._places = dict[str, int]()
        for place, entry in enumerate(entries):
            if term := _folded(standard_spelling(entry.source)):  # else of invisible characters
                self._places.setdefault(term, place)
        self._terms = sorted(self._places)
        self._most = max(map(len, self._terms), default=0)
        # of each term, the longest other one that it begins with
        self._within, open_terms = list[int](), list[int]()
        for place, term in enumerate(self._terms):
            while open_terms and not term.startswith(self._terms[open_terms[-1]]):
                open_terms.pop()
            self._within.append(open_terms[-1] if open_terms else -1)
            open_terms.append(place)

    def find(self, text: str) -> Iterator[tuple[TextSpan, int]]:
        """Yield the range of each term in a text, and the index of its entry.

        Args:
            text: the text, in standard spelling.
        """
        if not self.entries:
            return
        folded, place = _folded(text), 0
        while place < len(text):
            within = folded[place - 1 : place].isalnum() and folded[place].isalnum()
            found = None if within else self._longest(folded, place)
            if found is None:
                place += 1
            else:
                end, entry = found
                yield TextSpan(place, end), entry
                place = end

    def _longest(self, text: str, start: int) -> tuple[int, int] | None:
        """Return the end of the longest term that begins at a place, and its entry."""
        end = self._end(text, start) if self._own else None
        own = None if end is None else (end, self._places[text[start:end]])
        other = None if self._extends is None else self._extends._longest(text, start)
        if other is None or (own is not None and own[0] >= other[0]):
            return own
        return other[0], self._own + other[1]

    def _end(self, text: str, start: int) -> int | None:
        """Return the end of the longest term that begins at a place.

        It is the last one in order that is not after the text, or one that this begins with.
        """
        index = bisect_right(self._terms, text[start : start + self._most]) - 1
        while index >= 0:
            term = self._terms[index]
            end = start + len(term)
            if text.startswith(term, start) and _ENDS[term[-1] >= "가"].match(text, end):
                return end
            index = self._within[index]
        return None


def _folded(text: str) -> str:
    """Return a text in lower case, with as many characters."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
