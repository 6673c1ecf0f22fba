"""Existence, location and possession, all expressed by 있다 and 없다 in Korean."""

from random import Random

from jumok.training.embedded import hangul
from jumok.training.embedded import noun as n
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import EXIST, LACK, Tense, closed
from jumok.training.embedded.english import EnglishVerb, be, do
from jumok.training.embedded.nominal import Role, agent, counted, noun_phrase, some_count, thing
from jumok.training.embedded.noun import Noun
from jumok.training.embedded.phrase import Eojeol, Fragment, Predicate, carried, implied
from jumok.training.embedded.place import CHAMBERS, GARDEN, KITCHEN, OUTDOORS, SITES, SPOTS
from jumok.training.embedded.utterance import Sentence, addressee, closing_of, marker, uttered
from jumok.training.embedded.verbal import verb_group

_HAVE = EnglishVerb("have", "had")
_POSSESSIONS = n.BELONGINGS + n.TOOLS + n.RIDES + n.ANIMALS + n.TEXTS + n.CLOTHES


def _found(rng: Random) -> tuple[Fragment, Noun]:
    """Return a place and a thing that can be there."""
    dice = rng.random()
    if dice < 0.3:
        return rng.choice(SPOTS).fragment(), rng.choice(n.HANDY)
    if dice < 0.45:
        return rng.choice(OUTDOORS).fragment(), rng.choice(n.ANIMALS)
    if dice < 0.55:
        return KITCHEN.site.fragment(), rng.choice(n.FRUIT + n.DISHES + n.DRINKS)
    if dice < 0.65:
        return GARDEN.site.fragment(), rng.choice(n.PLANTS + n.ANIMALS)
    if dice < 0.75:
        return rng.choice(CHAMBERS).site.fragment(), rng.choice(n.HANDY + n.FURNITURE)
    return rng.choice(SITES).site.fragment(), rng.choice(n.PERSONS + n.FRIENDS[2:])


def existence(rng: Random) -> Sentence:
    """Draw a sentence such as 책상 위에 책 세 권이 있습니다."""
    asks = rng.random() < 0.15
    negative = not asks and rng.random() < 0.2
    place, noun = _found(rng)
    adjective = rng.choice(noun.adjectives) if rng.random() < 0.35 else None
    if not negative and not asks and rng.random() < 0.6 and noun.countable:
        what = counted(noun, hangul.nominative, some_count(rng), adjective)
    else:
        role = Role.KIND if negative else Role.NEW
        what = noun_phrase(noun, hangul.nominative, role, adjective=adjective)
    tense = Tense.PRESENT if rng.random() < 0.6 else Tense.PAST
    closing = closing_of(rng, asks)
    verb = Eojeol(closed(LACK if negative else EXIST, tense, closing)[0])
    there, is_ = implied("there", verb), carried(be(tense, what.agreement), verb)
    opening = [is_, there] if asks else [there, is_]
    if negative:
        opening.append(carried("no", verb))
    return [*place.korean, *what.korean, verb], [*opening, *what.english, *place.english]


def location(rng: Random) -> Sentence:
    """Draw a sentence such as 내 가방은 책상 위에 있습니다."""
    asks = rng.random() < 0.15
    negative = not asks and rng.random() < 0.15
    if rng.random() < 0.5:
        subject = addressee(rng) if asks else agent(rng, marker(rng))
        place = rng.choice(SITES).site.fragment()
    else:
        subject = thing(rng, rng.choice(n.HANDY), marker(rng), Role.KNOWN)
        place = rng.choice(SPOTS).fragment()
    tense = Tense.PRESENT if rng.random() < 0.6 else Tense.PAST
    verb = Eojeol(closed(LACK if negative else EXIST, tense, closing_of(rng, asks))[0])
    is_ = carried(be(tense, subject.agreement), verb)
    rest = [*([carried("not", verb)] if negative else []), *place.english]
    english = [is_, *subject.english, *rest] if asks else [*subject.english, is_, *rest]
    return [*subject.korean, *place.korean, verb], english


def possession(rng: Random) -> Sentence:
    """Draw a sentence such as 나는 고양이 두 마리가 있습니다."""
    asks = rng.random() < 0.15
    negative = not asks and rng.random() < 0.2
    subject = addressee(rng) if asks else agent(rng, hangul.topic)
    noun = rng.choice(_POSSESSIONS)
    adjective = rng.choice(noun.adjectives) if rng.random() < 0.4 else None
    if not negative and rng.random() < 0.4:
        what = counted(noun, hangul.nominative, some_count(rng), adjective)
    else:
        what = noun_phrase(noun, hangul.nominative, Role.NEW, adjective=adjective)
    tense = Tense.PRESENT if rng.random() < 0.7 else Tense.PAST
    closing = closing_of(rng, asks)
    group = verb_group(LACK if negative else EXIST, _HAVE, subject, tense, closing)
    if negative:
        # 없다 is a single word for "not have".
        verb = group.korean[0]
        support = implied(do(tense, subject.agreement), verb)
        core = [carried(_HAVE.base, verb)]
        group = Predicate([verb], [support, carried("not", verb)], core)
    return uttered(Clause(subject, group, what), asks)
