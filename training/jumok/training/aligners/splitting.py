"""Split the words of a text into the units that an aligner reads.

A Korean word has many forms; smaller units make the counts of an aligner less sparse. Links between
units are converted back to links between words.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

from jumok.bundle.tokenizer import SPACE, Tokenizer
from jumok.bundle.words import TextSpan, find_words
from jumok.evaluation.scoring.sentence_pair import Links

Scheme = Literal["words", "prefixes", "particles", "pieces"]
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
Splitter = Callable[[str], tuple[str, ...]]
"""Splits a word into at least one unit."""

_PIECES = 16000
# Hangul is separated, so that a particle after a foreign word is a unit
_RUNS = re.compile(r"[가-힣]+|[^\W가-힣]+|[^\w\s]")
_PREFIX = 3  # characters; of Hangul, syllables
_PARTICLE = re.compile(
    r"(?<=[가-힣]{2})"
    r"(?:(?:으로|에게|에서|한테|까지|부터)(?:서|써|부터|는|도|만|의)?|께서는?|(?:이라|라)(?:고|는|도)"
    r"|처럼|보다|마다|조차|만큼|밖에|이나|이란|[은는이가을를에의도와과로만])$"
)


@dataclass(frozen=True, slots=True)
class Units:
    """A text as units.

    Attributes:
        forms: the form of each unit.
        words: the index of the word that each unit is part of.
    """

    forms: tuple[str, ...]
    words: tuple[int, ...]


def make_splitter(scheme: Scheme, texts: Iterable[str]) -> Splitter:
    """Make a splitter.

    Args:
        scheme: "words" lower-cases and separates punctuation and foreign script; "prefixes" takes
            the first three characters of these; "particles" separates the particles of Korean
            nouns; "pieces" then applies SentencePiece.
        texts: texts that SentencePiece is trained on.
    """
    if scheme == "pieces":
        return cache(_Pieces(texts))
    return cache({"words": _runs, "prefixes": _prefixes, "particles": _particles}[scheme])


def split(text: str, words: Sequence[TextSpan] | None, splitter: Splitter) -> Units:
    """Split a text into units.

    Args:
        text: a text.
        words: spans of its words; None for those of `jumok.bundle.words`.
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
    """Convert links between units to links between words; one linked pair of units suffices."""
    return frozenset((source.words[left], target.words[right]) for left, right in links)


class _Pieces:
    """SentencePiece, without the distinction between the start and the inside of a word."""

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
