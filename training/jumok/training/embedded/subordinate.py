"""Relative and causal clauses."""

from random import Random

from jumok.training.embedded import hangul
from jumok.training.embedded import noun as n
from jumok.training.embedded.action import act, fitting, some_tense
from jumok.training.embedded.adjective import Adjective, adjectives
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import Closing, Tense
from jumok.training.embedded.english import Agreement
from jumok.training.embedded.hangul import Particle
from jumok.training.embedded.nominal import Role, agent, relative, thing
from jumok.training.embedded.noun import Noun
from jumok.training.embedded.person import HE, HUMBLE_ME, ME, NAMES, SHE, THEY, WE
from jumok.training.embedded.phrase import Eojeol, Fragment, NounPhrase, carried, implied
from jumok.training.embedded.place import SCENES
from jumok.training.embedded.statement import FEELINGS
from jumok.training.embedded.utterance import Sentence, closing_of, marker, uttered
from jumok.training.embedded.verb import GIVE, INTRANSITIVES, MOTIONS, TRANSITIVES, Verb, verbs
from jumok.training.embedded.verbal import equation, state_group, verb_group
from jumok.training.embedded.weather import climate

# Actions that can have been done to a thing.
_DOINGS = verbs("사 만들 좋아하 쓰 보내 고르 읽 보 찾 받 빌리 씻 요리하 그리 부르 듣 기르 고치 입")
_DONE: dict[Noun, tuple[Verb, ...]] = {
    noun: tuple(verb for verb in _DOINGS if noun in verb.objects)
    for noun in dict.fromkeys(noun for verb in _DOINGS for noun in verb.objects)
    if not noun.abstract
}
_DONE_TO = tuple(_DONE)
_TAKEN = {
    verb: tuple(noun for noun in verb.objects if any(by is not verb for by in _DONE.get(noun, ())))
    for verb in TRANSITIVES
}
_TAKING = tuple(
    verb for verb in TRANSITIVES if (_TAKEN[verb] or not verb.objects) and verb is not GIVE
)
_CONSEQUENCES = (
    *INTRANSITIVES,
    *MOTIONS,
    *MOTIONS,
    *verbs("먹 마시 읽 보 듣 돕 만나 공부하 요리하 청소하 기다리 초대하 방문하 사 부르"),
)
_TROUBLES = adjectives("아프 바쁘 슬프")
_MOODS = adjectives("피곤하 바쁘 아프 배고프 슬프 행복하")
_ACTORS = (ME, ME, WE, HE, SHE, THEY)
_CAUSED = (ME, ME, HUMBLE_ME, WE, HE, SHE, THEY)
_KNOWN_FOR = tuple(verb for verb in TRANSITIVES if verb.objects and verb is not GIVE)
_SEATED = tuple(verb for verb in INTRANSITIVES if verb.adjuncts and verb.adjuncts[-1] in SCENES)


def done(
    rng: Random, noun: Noun, particle: Particle, without: Verb | None = None, whose: str = ""
) -> NounPhrase:
    """Return a thing modified by what somebody does or did to it: 내가 읽은 책.

    The verb is not `without` and the person is not `whose`.
    """
    verb = rng.choice([verb for verb in _DONE[noun] if verb is not without])
    tense = Tense.PAST if rng.random() < 0.8 and not verb.stative else Tense.PRESENT
    subject = _actor(rng, whose)
    group = verb_group(verb.stem, verb.english, subject, tense, Closing.ADNOMINAL)
    head = Eojeol(particle(noun.korean))
    (act_word,) = group.korean
    the = implied("the", head, act_word)
    that = implied("that", act_word, head)
    english = [the, carried(noun.english, head), that, *subject.english, *group.core]
    return NounPhrase([*subject.korean, act_word, head], english, Agreement.THIRD)


def _actor(rng: Random, whose: str) -> NounPhrase:
    """Return the subject of a relative clause, other than the person `whose`."""
    dice = rng.random()
    if dice < 0.55:
        return rng.choice([who for who in _ACTORS if who.identity != whose]).phrase(
            hangul.nominative, subject=True
        )
    if dice < 0.8:
        names = [name for name in NAMES if name.identity not in whose]
        return rng.choice(names).phrase(hangul.nominative)
    return relative(rng, hangul.nominative)


def doer(rng: Random, particle: Particle) -> NounPhrase:
    """Return a person modified by what they do or did: 도서관에서 일하는 여자."""
    noun = rng.choice(n.PERSONS + n.FRIENDS)
    head = Eojeol(particle(noun.korean))
    subject = NounPhrase([], [], Agreement.THIRD)
    tense = Tense.PRESENT if rng.random() < 0.5 else Tense.PAST
    if rng.random() < 0.65:
        verb = rng.choice(_KNOWN_FOR)
        if verb.stative:
            tense = Tense.PRESENT
        role = Role.KIND if verb.generic else Role.NEW
        what: Fragment = thing(
            rng, rng.choice(verb.objects), hangul.accusative, role, single=verb.single
        )
    else:
        verb = rng.choice(_SEATED)
        what = rng.choice(SCENES[verb.adjuncts[-1]]).scene.fragment()
    group = verb_group(verb.stem, verb.english, subject, tense, Closing.ADNOMINAL)
    (act_word,) = group.korean
    english = [
        implied("the", head, act_word),
        carried(noun.english, head),
        implied("who", act_word, head),
        *group.core,
        *what.english,
    ]
    return NounPhrase([*what.korean, act_word, head], english, Agreement.THIRD)


def relative_subject(rng: Random) -> Sentence:
    """Draw a sentence such as 내가 읽은 책은 재미있습니다."""
    tense = Tense.PRESENT if rng.random() < 0.65 else Tense.PAST
    closing = closing_of(rng, False)
    if rng.random() < 0.55:
        noun = rng.choice(_DONE_TO)
        subject = done(rng, noun, marker(rng))
        adjective = rng.choice(noun.qualities)
    else:
        subject = doer(rng, marker(rng))
        adjective = rng.choice(FEELINGS)
        if rng.random() < 0.35:
            what = relative(rng, hangul.bare)
            group = equation(what, Agreement.THIRD, Tense.PRESENT, closing)
            return uttered(Clause(subject, group), False)
    group = state_group(adjective.stem, adjective.english, Agreement.THIRD, tense, closing)
    return uttered(Clause(subject, group), False)


def relative_object(rng: Random) -> Sentence:
    """Draw a sentence such as 나는 어머니가 만든 빵을 먹었습니다."""
    subject = agent(rng, hangul.topic)
    verb = rng.choice(_TAKING)
    tense = fitting(verb, some_tense(rng))
    if verb.people and (not verb.objects or rng.random() < 0.4):
        what = doer(rng, hangul.accusative)
    else:
        what = done(rng, rng.choice(_TAKEN[verb]), hangul.accusative, verb, subject.identity)
    group = verb_group(verb.stem, verb.english, subject, tense, closing_of(rng, False))
    return uttered(Clause(subject, group, what), False)


def _because(clause: Clause, *hosts: Eojeol) -> Fragment:
    """Return a causal clause; its last Korean word is linked to "because"."""
    korean = clause.korean()
    return Fragment(korean, [carried("because", korean[-1], *hosts), *clause.statement()])


def _state(feeling: Adjective, subject: NounPhrase, tense: Tense, closing: Closing) -> Clause:
    """Return a clause about a feeling."""
    group = state_group(feeling.stem, feeling.english, subject.agreement, tense, closing)
    return Clause(subject, group)


def cause(rng: Random) -> Sentence:
    """Draw a sentence such as 비가 와서 나는 집에서 쉬었습니다."""
    verb = rng.choice(_CONSEQUENCES)
    tense = fitting(verb, some_tense(rng))
    since = tense is not Tense.FUTURE and rng.random() < 0.6
    closing = Closing.SINCE if since else Closing.BECAUSE
    # -아서 has no tense; the cause of a future event is in the present.
    then = Tense.PRESENT if tense is Tense.FUTURE else tense
    subject = rng.choice(_CAUSED).phrase(hangul.topic, subject=True)
    dice = rng.random()
    main = act(rng, verb, subject, tense, closing_of(rng, False), scale=0.6)
    main.time_first = False
    if dice < 0.35:
        # English repeats the subject that the Korean clauses share.
        silent = NounPhrase([], [], subject.agreement)
        reason = _state(rng.choice(_MOODS), silent, then, closing)
        host = reason.predicate.korean[0]
        again = subject.english[0].text
        silent.english.append(implied(again, subject.korean[0], host))
        main.cause = _because(reason)
    else:
        main.cause_first = True
        other = relative(rng, hangul.nominative)
        main.cause = _because(
            climate(rng, then, closing)
            if dice < 0.65
            else _state(rng.choice(_TROUBLES), other, then, closing)
        )
    return uttered(main, False)
