"""Noun phrases: determiners, adjectives, number and particles on both sides.

Korean has no articles, so the role of a phrase determines the English article: a bare subject is
known ("the"), a bare object is new ("a"), and the object of liking is a kind ("apples").
"""

from enum import Enum
from random import Random

from jumok.training.embedded import hangul
from jumok.training.embedded.adjective import Adjective
from jumok.training.embedded.adjunct import NUMERALS
from jumok.training.embedded.conjugation import Tense, adnominal
from jumok.training.embedded.english import Agreement, article, sibilant
from jumok.training.embedded.hangul import Particle
from jumok.training.embedded.noun import FRIENDS, PERSONS, RELATIVES, Noun
from jumok.training.embedded.person import (
    DEMONSTRATIVES,
    NAMES,
    OTHERS,
    POSSESSIVES,
    PRONOUNS,
    Determiner,
    Person,
)
from jumok.training.embedded.phrase import Eojeol, NounPhrase, Word, carried, implied


class Role(Enum):
    """The reference of a phrase without a determiner."""

    KNOWN = "the"
    NEW = "a"
    KIND = ""


def _article(role: Role, noun: Noun, following: str, by: tuple[Eojeol, ...]) -> list[Word]:
    """Return the article of this role, if any, before the following English word."""
    if noun.abstract:
        return []
    if role is Role.KNOWN or (noun.unique and role is Role.NEW):
        return [implied("the", *by)]
    if role is Role.KIND or noun.mass:
        return []
    return [implied(article(following), *by)]


def noun_phrase(
    noun: Noun,
    particle: Particle,
    role: Role,
    determiner: Determiner | None = None,
    adjective: Adjective | None = None,
    plural: bool = False,
    several: bool = False,
) -> NounPhrase:
    """Return a noun with its modifiers: 내 큰 가방을, 이 학생들은.

    A plural is marked on both sides; `several` is a plural that only English marks.
    """
    head = Eojeol(particle(noun.korean + "들" if plural else noun.korean))
    if several:
        role = Role.KIND
    many = plural or several or (role is Role.KIND and determiner is None and not noun.mass)
    korean = [head]
    english = [carried(noun.plural if many else noun.english, head)]
    if adjective:
        modifier = Eojeol(adnominal(adjective.stem, Tense.PRESENT))
        korean.insert(0, modifier)
        english.insert(0, carried(adjective.english, modifier))
    if determiner:
        pointer = Eojeol(determiner.korean)
        korean.insert(0, pointer)
        english.insert(0, carried(determiner.plural if many else determiner.singular, pointer))
    else:
        english[:0] = _article(role, noun, english[0].text, tuple(korean))
    return NounPhrase(korean, english, Agreement.PLURAL if many else Agreement.THIRD)


def counted(
    noun: Noun, particle: Particle, count: int, adjective: Adjective | None = None
) -> NounPhrase:
    """Return a noun with a numeral and a counter: 큰 사과 두 개를, 커피 세 잔을."""
    numeral_korean, numeral_english = NUMERALS[count - 1]
    head, numeral = Eojeol(noun.korean), Eojeol(numeral_korean)
    counter = Eojeol(particle(noun.counter))
    korean = [head, numeral, counter]
    english = [carried(numeral_english, numeral, counter)]
    if noun.vessel:
        vessel = noun.vessel if count == 1 else sibilant(noun.vessel)
        english += [carried(vessel, counter), implied("of", counter, head)]
    if adjective:
        modifier = Eojeol(adnominal(adjective.stem, Tense.PRESENT))
        korean.insert(0, modifier)
        english.append(carried(adjective.english, modifier))
    singular = noun.mass or count == 1
    english.append(carried(noun.english if singular else noun.plural, head, counter))
    return NounPhrase(korean, english, Agreement.THIRD if count == 1 else Agreement.PLURAL)


def coordinated(first: NounPhrase, second: NounPhrase) -> NounPhrase:
    """Coordinate two phrases, of which the first ends in 와/과, which is linked to "and"."""
    joint = first.korean[-1]
    english = [*first.english, carried("and", joint), *second.english]
    return NounPhrase(
        first.korean + second.korean,
        english,
        Agreement.PLURAL,
        f"{first.identity}&{second.identity}",
    )


def some_count(rng: Random) -> int:
    """Return a number, small ones most often."""
    return rng.choice((1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10))


def thing(
    rng: Random,
    noun: Noun,
    particle: Particle,
    role: Role,
    *,
    plain: bool = False,
    single: bool = False,
) -> NounPhrase:
    """Return a phrase for a thing or an animal; `plain` excludes adjectives."""
    dice = rng.random()
    if dice < 0.36 or noun.abstract:
        return noun_phrase(noun, particle, role)
    adjective = None if plain else rng.choice(noun.adjectives)
    if dice < 0.56:
        return noun_phrase(noun, particle, role, adjective=adjective)
    if dice < 0.70 and noun.countable and role is not Role.KIND and not single:
        return counted(noun, particle, some_count(rng), adjective if dice < 0.59 else None)
    determiner = rng.choice(DEMONSTRATIVES if dice < 0.86 else POSSESSIVES)
    return noun_phrase(noun, particle, role, determiner, adjective if dice > 0.93 else None)


def relative(rng: Random, particle: Particle, plural: bool = False) -> NounPhrase:
    """Return a relative, friend or teacher of somebody: 내 어머니는."""
    noun = rng.choice(RELATIVES if rng.random() < 0.75 else _ACQUAINTANCES)
    return noun_phrase(noun, particle, Role.KNOWN, rng.choice(POSSESSIVES), plural=plural)


_ACQUAINTANCES = (*FRIENDS[:2], PERSONS[1], PERSONS[2])
_COMMON = PERSONS + FRIENDS


def stranger(rng: Random, particle: Particle, role: Role) -> NounPhrase:
    """Return a person by profession or age: 젊은 의사는, 이 학생들은, 아이 두 명은."""
    noun = rng.choice(_COMMON)
    dice = rng.random()
    if dice < 0.40:
        return noun_phrase(noun, particle, role)
    if dice < 0.58:
        return noun_phrase(noun, particle, role, adjective=rng.choice(noun.adjectives))
    if dice < 0.68:
        return counted(noun, particle, rng.choice((2, 2, 3, 3, 4, 5)))
    determiner = rng.choice(DEMONSTRATIVES) if dice < 0.88 else None
    return noun_phrase(noun, particle, Role.KNOWN, determiner, plural=dice > 0.78)


def named(rng: Random, particle: Particle) -> NounPhrase:
    """Return one name, sometimes two."""
    first, second = rng.sample(NAMES, 2)
    if rng.random() < 0.85:
        return first.phrase(particle)
    return coordinated(first.phrase(hangul.comitative), second.phrase(particle))


def agent(rng: Random, particle: Particle) -> NounPhrase:
    """Return a personal subject."""
    dice = rng.random()
    if dice < 0.46:
        return rng.choice(PRONOUNS).phrase(particle, subject=True)
    if dice < 0.62:
        return named(rng, particle)
    if dice < 0.78:
        return relative(rng, particle)
    return stranger(rng, particle, Role.KNOWN)


def patient(
    rng: Random, particle: Particle, subject: NounPhrase, known: bool = False
) -> NounPhrase:
    """Return a personal object or companion other than the subject."""
    dice = rng.random()
    if dice < 0.25:
        pronouns: list[Person] = [
            p for p in OTHERS if p.identity not in subject.identity.split("&")
        ]
        return rng.choice(pronouns).phrase(particle)
    if dice < 0.45:
        name = rng.choice([name for name in NAMES if name.identity not in subject.identity])
        return name.phrase(particle)
    if dice < 0.70 or known:
        return relative(rng, particle)
    return stranger(rng, particle, Role.NEW)
