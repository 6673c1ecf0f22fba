"""Statements and yes-no questions about actions, qualities and identities."""

from random import Random

from jumok.training.embedded import hangul
from jumok.training.embedded import noun as n
from jumok.training.embedded.action import act, some_polarity, some_tense
from jumok.training.embedded.adjective import adjectives
from jumok.training.embedded.adjunct import DEGREES
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import Stem, Tense
from jumok.training.embedded.english import Agreement, EnglishVerb
from jumok.training.embedded.hangul import Particle
from jumok.training.embedded.nominal import Role, agent, named, noun_phrase, relative, thing
from jumok.training.embedded.person import POSSESSIVES, PRONOUNS
from jumok.training.embedded.phrase import Eojeol, NounPhrase, carried
from jumok.training.embedded.utterance import Sentence, addressee, closing_of, marker, uttered
from jumok.training.embedded.verb import (
    BEASTLY,
    EAT,
    FEED,
    INTRANSITIVES,
    LIVE,
    MOTIONS,
    TRANSITIVES,
)
from jumok.training.embedded.verbal import (
    Mode,
    Polarity,
    equation,
    inequation,
    state_group,
    verb_group,
)

ACTIVITIES = (*TRANSITIVES, *TRANSITIVES, *INTRANSITIVES, *MOTIONS, *MOTIONS, LIVE)
_VIRTUES = adjectives("친절하 똑똑하 유명하 젊")
FEELINGS = n.RELATIVES[0].adjectives


def action(rng: Random) -> Sentence:
    """Draw a sentence such as 나는 어제 도서관에서 책을 읽었습니다."""
    asks = rng.random() < 0.12
    subject = addressee(rng) if asks else agent(rng, marker(rng))
    verb = rng.choice(ACTIVITIES)
    return uttered(act(rng, verb, subject, some_tense(rng), closing_of(rng, asks)), asks)


def beast(rng: Random) -> Sentence:
    """Draw a sentence such as 고양이는 방에서 잡니다."""
    subject = thing(rng, rng.choice(n.ANIMALS), marker(rng), Role.KNOWN)
    if rng.random() < 0.7:
        clause = act(rng, rng.choice(BEASTLY), subject, some_tense(rng), closing_of(rng, False))
        return uttered(clause, False)
    tense = some_tense(rng)
    group = verb_group(EAT.stem, EAT.english, subject, tense, closing_of(rng, False))
    meal = thing(rng, rng.choice(FEED), hangul.accusative, Role.NEW)
    return uttered(Clause(subject, group, meal), False)


def description(rng: Random) -> Sentence:
    """Draw a sentence such as 이 책은 아주 재미있습니다."""
    asks = rng.random() < 0.2
    if rng.random() < 0.4:
        subject = addressee(rng) if asks else agent(rng, marker(rng))
        adjective = rng.choice(FEELINGS)
    else:
        noun = rng.choice(n.DESCRIBED)
        subject = thing(rng, noun, marker(rng), Role.KNOWN, plain=True)
        adjective = rng.choice(noun.qualities)
    tense = rng.choice((Tense.PRESENT, Tense.PRESENT, Tense.PAST))
    polarity = Polarity.AFFIRMED if asks else some_polarity(rng, adjective.short, 0.2)
    affirmed = polarity is Polarity.AFFIRMED
    degree = rng.choice(DEGREES).fragment() if affirmed and rng.random() < 0.35 else None
    group = state_group(
        adjective.stem,
        adjective.english,
        subject.agreement,
        tense,
        closing_of(rng, asks),
        polarity,
        degree,
    )
    return uttered(Clause(subject, group), asks)


def _plural(subject: NounPhrase) -> bool:
    """Return whether the English complement is plural; a single "you" is one person."""
    return subject.agreement is Agreement.PLURAL and subject.identity != "you"


def _vocation(rng: Random, particle: Particle, many: bool) -> NounPhrase:
    """Return a complement of a person: a profession, or somebody's friend."""
    if rng.random() < 0.2:
        owner = rng.choice(POSSESSIVES)
        return noun_phrase(n.FRIENDS[0], particle, Role.NEW, owner, several=many)
    noun = rng.choice(n.PERSONS)
    adjective = rng.choice(_VIRTUES) if rng.random() < 0.35 else None
    return noun_phrase(noun, particle, Role.NEW, adjective=adjective, several=many)


def identity(rng: Random) -> Sentence:
    """Draw a sentence such as 나는 학생입니다."""
    asks = rng.random() < 0.12
    tense = Tense.PRESENT if rng.random() < 0.7 else Tense.PAST
    dice = rng.random()
    if asks:
        subject = addressee(rng)
    elif dice < 0.55:
        subject = rng.choice(PRONOUNS).phrase(marker(rng), subject=True)
    else:
        subject = named(rng, marker(rng)) if dice < 0.75 else relative(rng, marker(rng))
    closing = closing_of(rng, asks)
    if not asks and rng.random() < 0.2:
        what = _vocation(rng, hangul.nominative, _plural(subject))
        return uttered(Clause(subject, inequation(what, subject.agreement, tense, closing)), False)
    what = _vocation(rng, hangul.bare, _plural(subject))
    return uttered(Clause(subject, equation(what, subject.agreement, tense, closing)), asks)


def pointing(rng: Random) -> Sentence:
    """Draw a sentence such as 이것은 내 책입니다."""
    asks = rng.random() < 0.3
    korean, english = rng.choice((("이것", "this"), ("저것", "that"), ("그것", "it")))
    pointer = Eojeol(marker(rng)(korean))
    subject = NounPhrase([pointer], [carried(english, pointer)], Agreement.THIRD)
    noun = rng.choice(n.OBJECTS)
    owner = rng.choice(POSSESSIVES) if rng.random() < 0.45 else None
    adjective = rng.choice(noun.adjectives) if rng.random() < 0.45 else None
    negative = not asks and rng.random() < 0.2
    particle = hangul.nominative if negative else hangul.bare
    what = noun_phrase(noun, particle, Role.NEW, owner, adjective)
    close = inequation if negative else equation
    group = close(what, subject.agreement, Tense.PRESENT, closing_of(rng, asks))
    return uttered(Clause(subject, group), asks)


def becoming(rng: Random) -> Sentence:
    """Draw a sentence such as 나는 의사가 되고 싶습니다."""
    subject = agent(rng, hangul.topic)
    noun = rng.choice(n.PERSONS)
    adjective = rng.choice(_VIRTUES) if rng.random() < 0.4 else None
    what = noun_phrase(
        noun, hangul.nominative, Role.NEW, adjective=adjective, several=_plural(subject)
    )
    wish = rng.random() < 0.5
    tense = rng.choice(
        (Tense.PRESENT, Tense.PRESENT, Tense.PAST) if wish else (Tense.FUTURE, Tense.PAST)
    )
    mode = Mode.WISH if wish else Mode.PLAIN
    verb = EnglishVerb("become", "became")
    group = verb_group(Stem("되"), verb, subject, tense, closing_of(rng, False), mode)
    return uttered(Clause(subject, group, what), False)
