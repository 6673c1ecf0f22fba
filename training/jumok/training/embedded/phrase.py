"""Bilingual fragments, whose English words refer to the Korean words they come from.

Korean words are objects with an identity, so fragments can be combined in any order on each side;
links become pairs of positions when the finished sentence is rendered.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from jumok.training.embedded.english import Agreement


class Eojeol:
    """A Korean word: a stem or noun with its particles and endings."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        """Create a word, distinct from all other words with the same text."""
        self.text = text


@dataclass(slots=True, eq=False)
class Word:
    """An English word with the Korean words that it has a sure link and possible links to."""

    text: str
    sure: Eojeol | None
    possible: tuple[Eojeol, ...]


def carried(text: str, by: Eojeol, *also: Eojeol) -> Word:
    """Return an English word that a Korean word expresses."""
    return Word(text, by, (by, *also))


def implied(text: str, *by: Eojeol) -> Word:
    """Return an English word without Korean counterpart, linked possibly to some words."""
    return Word(text, None, by)


@dataclass(slots=True, eq=False)
class Fragment:
    """Korean words and English words, each in the order of their language."""

    korean: list[Eojeol]
    english: list[Word]


@dataclass(slots=True, eq=False)
class NounPhrase(Fragment):
    """A fragment and the English verb agreement that it requires."""

    agreement: Agreement
    identity: str = ""


@dataclass(slots=True, eq=False)
class Predicate:
    """A verb group; questions move the first of the English auxiliaries."""

    korean: list[Eojeol]
    auxiliaries: list[Word]
    core: list[Word]


@dataclass(frozen=True, slots=True)
class Idiom:
    """A fixed fragment: `Idiom("책상 위에", "on/1 the?01 desk/0")`.

    Digits are indices of Korean words and mean possible links; after a slash the first is sure.
    """

    korean: str
    english: str
    _parsed: list[tuple[str, bool, list[int]]] = field(init=False, compare=False)
    _words: list[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Parse the links once."""
        parsed = []
        for word in self.english.split():
            text, mark, places = re.split("([/?])", word)
            parsed.append((text, mark == "/", [int(place) for place in places]))
        object.__setattr__(self, "_parsed", parsed)
        object.__setattr__(self, "_words", self.korean.split())

    def fragment(self) -> Fragment:
        """Return a fresh fragment."""
        korean = [Eojeol(text) for text in self._words]
        english = [
            Word(text, korean[at[0]] if sure else None, tuple([korean[by] for by in at]))
            for text, sure, at in self._parsed
        ]
        return Fragment(korean, english)


Links = frozenset[tuple[int, int]]


def render(korean: Iterable[Eojeol], english: Iterable[Word]) -> tuple[str, str, Links, Links]:
    """Return both sentences as text, and their sure and possible links as positions."""
    sources = list(korean)
    targets = list(english)
    place = {word: index for index, word in enumerate(sources)}
    sure = frozenset(
        [(place[word.sure], at) for at, word in enumerate(targets) if word.sure is not None]
    )
    possible = frozenset(
        [(place[by], at) for at, word in enumerate(targets) for by in word.possible]
    )
    source = " ".join([word.text for word in sources])
    target = " ".join([word.text for word in targets])
    mark = "?" if source.endswith("?") else ""
    return source, target[0].upper() + target[1:] + mark, sure, possible
