"""How the words of a text are split into the units that an aligner sees.

An aligner knows words by their forms, and a Korean word has many: smaller units are less sparse.
Links between units become links between the words that they stand in.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

from jumok.bundle.tokenizer import SPACE, Tokenizer
from jumok.bundle.words import Span, find_words
from jumok.training.sentence_pair import Links

Scheme = Literal["words", "prefixes", "particles", "pieces"]
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
Splitter = Callable[[str], tuple[str, ...]]
"""Splits one word into units, one at least."""

_PIECES = 16000
# Hangul by itself, so that a particle behind a foreign word is a unit
_RUNS = re.compile(r"[가-힣]+|[^\W가-힣]+|[^\w\s]")
_PREFIX = 3  # characters; of Hangul, syllables
_PARTICLE = re.compile(
    r"(?<=[가-힣]{2})"
    r"(?:(?:으로|에게|에서|한테|까지|부터)(?:서|써|부터|는|도|만|의)?|께서는?|(?:이라|라)(?:고|는|도)"
    r"|처럼|보다|마다|조차|만큼|밖에|이나|이란|[은는이가을를에의도와과로만])$"
)


@dataclass(frozen=True, slots=True)
class Units:
    """A text as an aligner sees it; both have one entry a unit.

    Attributes:
        forms: what the aligner sees.
        words: the index of the word that the unit stands in.
    """

    forms: tuple[str, ...]
    words: tuple[int, ...]


def make_splitter(scheme: Scheme, texts: Iterable[str]) -> Splitter:
    """Make a splitter.

    Args:
        scheme: words are lower-cased, and punctuation and foreign script split off; of those,
            prefixes are the first three characters, particles are split off Korean nouns, and
            pieces are SentencePiece's, particles split off before.
        texts: the training side, which pieces are learned from.
    """
    if scheme == "pieces":
        return cache(_Pieces(texts))
    return cache({"words": _runs, "prefixes": _prefixes, "particles": _particles}[scheme])


def split(text: str, words: Sequence[Span] | None, splitter: Splitter) -> Units:
    """Split a text into units.

    Args:
        text: a text.
        words: where its words are; none for the runs of characters between white space.
        splitter: splits one word.
    """
    forms: list[str] = []
    owners: list[int] = []
    for index, word in enumerate(find_words(text) if words is None else words):
        units = splitter(text[word.start : word.end])
        forms += units
        owners += [index] * len(units)
    return Units(tuple(forms), tuple(owners))


def word_links(links: Links, source: Units, target: Units) -> Links:
    """Turn links between units into links between words: any of their units are enough."""
    return frozenset((source.words[left], target.words[right]) for left, right in links)


class _Pieces:
    """SentencePiece, wherever in a word a piece stands."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = (" ".join(map(_spaced, text.split())) for text in texts)
        self._tokenizer = Tokenizer.train(words, _PIECES, seed=1)

    def __call__(self, word: str) -> tuple[str, ...]:
        pieces = self._tokenizer.encode(_spaced(word)).pieces
        return tuple(filter(None, (piece.replace(SPACE, "") for piece in pieces))) or (word,)


def _spaced(word: str) -> str:
    return " ".join(_particles(word))


def _runs(word: str) -> tuple[str, ...]:
    return tuple(_RUNS.findall(word.lower())) or (word,)


def _prefixes(word: str) -> tuple[str, ...]:
    return tuple(run[:_PREFIX] for run in _runs(word))


def _particles(word: str) -> tuple[str, ...]:
    return tuple(unit for run in _runs(word) for unit in _PARTICLE.sub(r" \g<0>", run).split())
