"""Questions with a question word, requests and proposals."""

from random import Random

from jumok.training.embedded.action import adjuncts, direct_object, fitting
from jumok.training.embedded.adjunct import MANNERS, SOON, TOGETHER, moment
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import Tense, proposal, request
from jumok.training.embedded.english import Agreement
from jumok.training.embedded.phrase import Eojeol, NounPhrase, Predicate, carried, implied
from jumok.training.embedded.place import SCENES
from jumok.training.embedded.utterance import Sentence, addressee, closing_of
from jumok.training.embedded.verb import GIVE, GO, INTRANSITIVES, MOTIONS, TRANSITIVES, Verb, verbs
from jumok.training.embedded.verbal import Mode, verb_group

_ASKED = (Tense.PRESENT, Tense.PAST, Tense.PAST, Tense.FUTURE)
_OBJECTIVE = tuple(verb for verb in TRANSITIVES if len(verb.objects) > 1 and verb is not GIVE)
_PERSONAL = tuple(verb for verb in TRANSITIVES if verb.people)
_ACTIVE = tuple(verb for verb in (*TRANSITIVES, *INTRANSITIVES, *MOTIONS) if not verb.stative)
_LOCATED = tuple(verb for verb in _ACTIVE if verb.adjuncts and verb.adjuncts[-1] in SCENES)
_ODD = verbs("웃 기르 팔")
_WILLED = tuple(verb for verb in _ACTIVE if not verb.involuntary and verb not in _ODD)


def _ask(rng: Random, verb: Verb, word: str, english: str, *, objective: bool) -> Sentence:
    """Return a question with the question word first in English and in place in Korean."""
    subject = addressee(rng)
    tense = fitting(verb, rng.choice(_ASKED))
    wished = tense is not Tense.FUTURE and not (verb.stative or verb.involuntary)
    mode = Mode.WISH if wished and rng.random() < 0.12 else Mode.PLAIN
    group = verb_group(verb.stem, verb.english, subject, tense, closing_of(rng, True), mode)
    asked = Eojeol(word)
    clause = Clause(subject, group)
    if not objective:
        clause.object = direct_object(rng, verb, subject)
        if english != "where":
            clause.adjuncts = adjuncts(rng, verb, subject, 0.6)
    if english in ("what", "who", "where") and not verb.stative and rng.random() < 0.4:
        clause.time = moment(rng, tense)
    words = clause.question()
    korean = clause.korean()
    spot = len(subject.korean) + (len(clause.time.korean) if clause.time else 0)
    korean.insert(spot, asked)
    return korean, [carried(english, asked), *words]


def wh_question(rng: Random) -> Sentence:
    """Draw a question such as 당신은 어제 무엇을 먹었습니까?"""
    dice = rng.random()
    if dice < 0.3:
        return _ask(rng, rng.choice(_OBJECTIVE), "무엇을", "what", objective=True)
    if dice < 0.42:
        return _ask(rng, rng.choice(_PERSONAL), "누구를", "who", objective=True)
    if dice < 0.52:
        return _ask(rng, GO, "어디에", "where", objective=False)
    if dice < 0.64:
        return _ask(rng, rng.choice(_LOCATED), "어디에서", "where", objective=False)
    if dice < 0.76:
        return _ask(rng, rng.choice(_ACTIVE), "언제", "when", objective=False)
    if dice < 0.9:
        return _ask(rng, rng.choice(_ACTIVE), "왜", "why", objective=False)
    return _who(rng)


def _who(rng: Random) -> Sentence:
    """Draw a question such as 누가 이 빵을 만들었습니까?"""
    asked = Eojeol("누가")
    subject = NounPhrase([asked], [carried("who", asked)], Agreement.THIRD)
    # English questions for the subject have the word order of a statement, without do.
    tense = rng.choice((Tense.PAST, Tense.PAST, Tense.FUTURE))
    verb = rng.choice(_ACTIVE)
    closing = closing_of(rng, True)
    group = verb_group(verb.stem, verb.english, subject, tense, closing)
    if tense is Tense.PAST:
        main = group.core[0]
        group.auxiliaries.clear()
        group.core[0] = carried(verb.english.past, group.korean[-1], *main.possible)
    clause = Clause(subject, group, direct_object(rng, verb, subject))
    clause.adjuncts = adjuncts(rng, verb, subject, 0.6)
    return clause.korean(), clause.statement()


def command(rng: Random) -> Sentence:
    """Draw a request such as 책을 읽으세요 or a proposal such as 함께 책을 읽읍시다."""
    verb = rng.choice(_WILLED)
    nobody = NounPhrase([], [], Agreement.PLURAL, "me&you")
    shared = rng.random() < 0.4
    word = Eojeol((proposal if shared else request)(verb.stem))
    core = [carried(verb.english.base, word)]
    if verb.english.particle:
        core.append(implied(verb.english.particle, word))
    opening = carried("let's" if shared else "please", word)
    clause = Clause(nobody, Predicate([word], [opening], core), direct_object(rng, verb, nobody))
    clause.adjuncts = adjuncts(rng, verb, nobody, 0.8, without="companion")
    if shared and rng.random() < 0.3:
        clause.manner = TOGETHER.fragment()
    elif verb.manners and rng.random() < 0.3:
        clause.manner = MANNERS[rng.choice(verb.manners)].fragment()
    if rng.random() < 0.4:
        clause.time = rng.choice(SOON).fragment()
    return clause.korean(), clause.statement()
