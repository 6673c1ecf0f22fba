"""Sentences about the weather."""

from random import Random

from jumok.training.embedded import hangul
from jumok.training.embedded.adjective import adjectives
from jumok.training.embedded.adjunct import NOW, moment
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import Closing, Stem, Tense
from jumok.training.embedded.english import Agreement, EnglishVerb
from jumok.training.embedded.phrase import Eojeol, NounPhrase, carried, implied
from jumok.training.embedded.place import TOWNS
from jumok.training.embedded.utterance import Sentence, closing_of, uttered
from jumok.training.embedded.verbal import Mode, Polarity, state_group, verb_group

_FALL = Stem("오")
_FEEL = adjectives("덥 춥 따뜻하 좋")


def _falling(rng: Random, tense: Tense, closing: Closing, mode: Mode, polarity: Polarity) -> Clause:
    """Return 비가 오다; the noun is linked to the English verb, the verb to its auxiliaries."""
    korean, english = rng.choice((("비", "rain"), ("비", "rain"), ("눈", "snow")))
    noun = Eojeol(hangul.nominative(korean))
    subject = NounPhrase([noun], [], Agreement.THIRD)
    group = verb_group(_FALL, EnglishVerb(english), subject, tense, closing, mode, polarity)
    subject.english.append(implied("it", noun, group.korean[0]))
    verb = group.core[0]
    group.core[0] = carried(verb.text, noun, *verb.possible)
    return Clause(subject, group)


def _feeling(rng: Random, tense: Tense, closing: Closing, polarity: Polarity) -> Clause:
    """Return 날씨가 덥다."""
    noun = Eojeol(hangul.nominative("날씨"))
    english = [implied("the", noun), carried("weather", noun)]
    subject = NounPhrase([noun], english, Agreement.THIRD)
    feel = rng.choice(_FEEL)
    group = state_group(feel.stem, feel.english, Agreement.THIRD, tense, closing, polarity)
    return Clause(subject, group)


def climate(rng: Random, tense: Tense, closing: Closing) -> Clause:
    """Return a clause about the weather, for causal sentences."""
    if rng.random() < 0.6:
        return _falling(rng, tense, closing, Mode.PLAIN, Polarity.AFFIRMED)
    return _feeling(rng, tense, closing, Polarity.AFFIRMED)


def weather(rng: Random) -> Sentence:
    """Draw a sentence such as 어제 서울에 비가 왔습니다."""
    asks = rng.random() < 0.15
    tense = rng.choice((Tense.PRESENT, Tense.PAST, Tense.PAST, Tense.FUTURE))
    polarity = Polarity.LONG if not asks and rng.random() < 0.2 else Polarity.AFFIRMED
    closing = closing_of(rng, asks)
    falls = rng.random() < 0.65
    if not falls:
        clause = _feeling(rng, tense, closing, polarity)
    else:
        progressive = tense is Tense.PRESENT and rng.random() < 0.5
        mode = Mode.PROGRESSIVE if progressive else Mode.PLAIN
        clause = _falling(rng, tense, closing, mode, polarity)
    clause.time_first = True
    progressive = clause.predicate.core[0].text.endswith("ing")
    if rng.random() < 0.75:
        clause.time = NOW.fragment() if progressive else moment(rng, tense)
    korean, english = uttered(clause, asks)
    if falls and rng.random() < 0.35:
        town = rng.choice(TOWNS)
        place = town.site.fragment()
        cut = len(english) - (len(clause.time.english) if clause.time else 0)
        start = len(clause.time.korean) if clause.time else 0
        korean[start:start] = place.korean
        english[cut:cut] = place.english
    return korean, english
