"""Glossaries: terms whose translation is prescribed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from jumok.bundle.words import TextSpan

_PARTICLES: Final = (
    "으로부터|에서부터|에게서|으로써|으로서|이라고|이라는|이에요|입니다|입니까|에서는|에서도|에게는|에게도"
    "|까지|부터|에서|에게|께서|한테|으로|처럼|보다|마다|조차|마저|밖에|이나|이랑|하고|라고|라는|예요|이다"
    "|이야|인데|에는|에도|에만|은|는|이|가|을|를|에|의|로|와|과|도|만|나|랑|야|님"
)
_HANGUL: Final = re.compile(r"[가-힣]")


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
        entries: the entries.
    """

    def __init__(self, entries: Sequence[GlossaryEntry] = ()) -> None:
        """Prepare to find the sources of `entries`, of which the longest is preferred."""
        self.entries = entries
        self._places = {
            entry.source.casefold(): place for place, entry in reversed(list(enumerate(entries)))
        }
        longest = sorted(self._places, key=len, reverse=True)
        alternatives = "|".join(map(_whole, longest))
        self._pattern = re.compile(alternatives, re.IGNORECASE) if longest else None

    def find(self, text: str) -> Iterator[tuple[TextSpan, int]]:
        """Yield the range of each term in a text, and the index of its entry."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(text):
            place = self._places.get(match[0].casefold())
            if place is not None:
                yield TextSpan(*match.span()), place


def _whole(term: str) -> str:
    end = rf"(?=(?:{_PARTICLES})?(?!\w))" if _HANGUL.match(term[-1]) else r"(?!\w)"
    start = r"(?<!\w)" if re.match(r"\w", term) else ""
    return f"{start}{re.escape(term)}{end}"
