"""Actions: clauses of a verb with its object, adjuncts, tense, mode and negation."""

from random import Random

from jumok.training.embedded import hangul
from jumok.training.embedded.adjunct import ALONE, FREQUENCIES, MANNERS, NOW, VEHICLES, time
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import Closing, Tense
from jumok.training.embedded.nominal import Role, coordinated, noun_phrase, patient, thing
from jumok.training.embedded.phrase import Eojeol, Fragment, NounPhrase, carried
from jumok.training.embedded.place import ARRIVALS, GOALS, SCENES, TOWNS
from jumok.training.embedded.verb import Verb
from jumok.training.embedded.verbal import Mode, Polarity, verb_group

_TENSES = (Tense.PRESENT, Tense.PRESENT, Tense.PAST, Tense.PAST, Tense.PAST, Tense.FUTURE)
_TOGETHER = ("함께", "같이")


def some_tense(rng: Random) -> Tense:
    """Return a tense, the past most often."""
    return rng.choice(_TENSES)


def fitting(verb: Verb, tense: Tense) -> Tense:
    """Return the tense, or the closest that the verb allows.

    Involuntary actions are not described in the present, nor states in the future.
    """
    if verb.involuntary and tense is Tense.PRESENT:
        return Tense.PAST
    return Tense.PRESENT if verb.stative and tense is Tense.FUTURE else tense


def some_polarity(rng: Random, short: bool, share: float = 0.16) -> Polarity:
    """Return a polarity, a negation with probability `share`."""
    if rng.random() >= share:
        return Polarity.AFFIRMED
    return Polarity.SHORT if short and rng.random() < 0.4 else Polarity.LONG


def direct_object(rng: Random, verb: Verb, subject: NounPhrase) -> Fragment | None:
    """Return an object that the verb takes."""
    if verb.people and (not verb.objects or rng.random() < 0.3):
        return patient(rng, hangul.accusative, subject, known=verb.generic)
    if not verb.objects:
        return None
    role = Role.KIND if verb.generic else Role.NEW
    noun = rng.choice(verb.objects)
    if len(verb.objects) > 1 and not verb.single and rng.random() < 0.06:
        first, second = rng.sample(verb.objects, 2)
        return coordinated(
            noun_phrase(first, hangul.comitative, role),
            noun_phrase(second, hangul.accusative, role),
        )
    return thing(rng, noun, hangul.accusative, role, single=verb.single)


def _prefixed(preposition: str, phrase: NounPhrase, *more: Eojeol) -> Fragment:
    """Prepend the English preposition that the particle of the last Korean word expresses."""
    bearer = phrase.korean[-1]
    english = [carried(preposition, bearer, *more), *phrase.english]
    return Fragment([*phrase.korean, *more], english)


def company(rng: Random, subject: NounPhrase) -> Fragment:
    """Return a companion (친구와 함께) or 혼자."""
    if rng.random() < 0.15:
        return ALONE.fragment()
    person = patient(rng, hangul.comitative, subject)
    return _prefixed("with", person, Eojeol(rng.choice(_TOGETHER)))


def adjunct(rng: Random, kind: str, subject: NounPhrase) -> Fragment:
    """Return a phrase of this kind."""
    if kind in SCENES:
        return rng.choice(SCENES[kind]).scene.fragment()
    if kind == "goal":
        return rng.choice(GOALS).goal.fragment()
    if kind == "arrival":
        return rng.choice(ARRIVALS).arrival.fragment()
    if kind == "home":
        return rng.choice(TOWNS).site.fragment()
    if kind == "vehicle":
        return rng.choice(VEHICLES).fragment()
    if kind in ("recipient", "receiver"):
        return _prefixed("to", patient(rng, hangul.dative, subject))
    return company(rng, subject)


# Probabilities of optional phrases, by kind; above one, the phrase is obligatory.
_SHARES = {
    "companion": 0.16,
    **dict.fromkeys(SCENES, 0.36),
    "vehicle": 0.25,
    "recipient": 0.7,
    "receiver": 9.0,
    "goal": 0.9,
    "arrival": 9.0,
    "home": 9.0,
}


def adjuncts(
    rng: Random, verb: Verb, subject: NounPhrase, scale: float = 1.0, without: str = ""
) -> list[Fragment]:
    """Return adjuncts of the verb in Korean order, none of the kind `without`."""
    chosen = [
        adjunct(rng, kind, subject)
        for kind in verb.adjuncts
        if kind != without and rng.random() < _SHARES[kind] * scale
    ]
    if verb.tools and rng.random() < 0.2:
        tool = noun_phrase(rng.choice(verb.tools), hangul.instrumental, Role.NEW)
        chosen.append(_prefixed("with", tool))
    return chosen


def some_mode(rng: Random, verb: Verb, tense: Tense) -> Mode:
    """Return a mode that the verb allows in the tense."""
    dice = rng.random()
    if dice > 0.34 or tense is Tense.FUTURE or verb.stative or verb.involuntary:
        return Mode.PLAIN
    if dice < 0.10:
        return Mode.PLAIN if verb.momentary else Mode.PROGRESSIVE
    return Mode.WISH if dice < 0.23 else Mode.ABILITY


def act(
    rng: Random, verb: Verb, subject: NounPhrase, tense: Tense, closing: Closing, scale: float = 1.0
) -> Clause:
    """Return a clause of this verb; `scale` multiplies the probabilities of adjuncts."""
    tense = fitting(verb, tense)
    mode = some_mode(rng, verb, tense)
    polarity = Polarity.AFFIRMED
    if not closing.question:
        polarity = some_polarity(rng, verb.short and mode is Mode.PLAIN)
    predicate = verb_group(verb.stem, verb.english, subject, tense, closing, mode, polarity)
    clause = Clause(subject, predicate, direct_object(rng, verb, subject))
    clause.adjuncts = adjuncts(rng, verb, subject, scale)
    affirmed = polarity is Polarity.AFFIRMED
    if verb.manners and affirmed and rng.random() < 0.22 * scale:
        clause.manner = MANNERS[rng.choice(verb.manners)].fragment()
    if verb.stative:
        return clause
    if mode is Mode.PROGRESSIVE and tense is Tense.PRESENT:
        if rng.random() < 0.4:
            clause.time = NOW.fragment()
    elif rng.random() < 0.6 * scale:
        clause.time = time(rng, tense)
        clause.time_first = rng.random() < 0.3
    elif mode is Mode.PLAIN and affirmed and tense is not Tense.FUTURE and rng.random() < 0.16:
        clause.frequency = rng.choice(FREQUENCIES).fragment()
    return clause
