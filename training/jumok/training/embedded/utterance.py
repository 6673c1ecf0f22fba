"""Choices common to all constructions: subject particle, style and subject."""

from random import Random

from jumok.training.embedded import hangul
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import Closing
from jumok.training.embedded.nominal import named, relative
from jumok.training.embedded.person import ADDRESSED
from jumok.training.embedded.phrase import Eojeol, NounPhrase, Word

Sentence = tuple[list[Eojeol], list[Word]]

_STATEMENTS = (Closing.FORMAL, Closing.FORMAL, Closing.FORMAL, Closing.POLITE, Closing.POLITE)
_QUESTIONS = (Closing.FORMAL_QUESTION, Closing.FORMAL_QUESTION, Closing.POLITE_QUESTION)


def marker(rng: Random) -> hangul.Particle:
    """Return 은/는 or, less often, 이/가."""
    return hangul.topic if rng.random() < 0.75 else hangul.nominative


def closing_of(rng: Random, asks: bool) -> Closing:
    """Return a formal or polite closing of a question or a statement."""
    return rng.choice(_QUESTIONS if asks else _STATEMENTS)


def addressee(rng: Random) -> NounPhrase:
    """Return a subject of a question."""
    dice = rng.random()
    if dice < 0.6:
        return rng.choice(ADDRESSED).phrase(marker(rng), subject=True)
    return named(rng, marker(rng)) if dice < 0.8 else relative(rng, marker(rng))


def uttered(clause: Clause, asks: bool) -> Sentence:
    """Return a clause as a statement or a question."""
    return clause.korean(), clause.question() if asks else clause.statement()
