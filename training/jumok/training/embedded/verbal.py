"""Verb groups with tense, aspect, modality and negation on both sides."""

from enum import Enum

from jumok.training.embedded.conjugation import (
    DO,
    EXIST,
    LACK,
    NOT,
    WISH,
    Closing,
    Stem,
    Tense,
    closed,
    copula,
    denial,
    prospective,
)
from jumok.training.embedded.english import Agreement, EnglishVerb, be, do
from jumok.training.embedded.phrase import (
    Eojeol,
    Fragment,
    NounPhrase,
    Predicate,
    Word,
    carried,
    implied,
)


class Mode(Enum):
    """Aspect or modality of an action."""

    PLAIN = "plain"
    PROGRESSIVE = "-고 있다"
    WISH = "-고 싶다"
    ABILITY = "-(으)ㄹ 수 있다"


class Polarity(Enum):
    """Affirmation and the two Korean negations."""

    AFFIRMED = "affirmed"
    LONG = "-지 않다"
    SHORT = "안"


WANT = EnglishVerb("want")


def _negated(korean: list[Eojeol], stem: Stem, polarity: Polarity) -> Stem:
    """Add the words of a negation, and return the stem that takes the final ending."""
    if polarity is Polarity.LONG:
        korean.append(Eojeol(stem.text + "지"))
        return NOT
    if polarity is Polarity.SHORT:
        korean.insert(0, Eojeol("안"))
    return stem


def verb_group(
    stem: Stem,
    english: EnglishVerb,
    subject: NounPhrase,
    tense: Tense,
    closing: Closing,
    mode: Mode = Mode.PLAIN,
    polarity: Polarity = Polarity.AFFIRMED,
) -> Predicate:
    """Return a verb with all its auxiliaries: 읽고 싶지 않습니다, 안 갈 것입니다.

    The short negation is only possible in the plain mode. Wishes of third persons use 싶어 하다.
    """
    agreement = subject.agreement
    korean: list[Eojeol] = []
    negative = polarity is not Polarity.AFFIRMED
    support = negative or closing.question
    if mode is Mode.PROGRESSIVE:
        korean.append(Eojeol(stem.text + "고"))
        stem = EXIST
    elif mode is Mode.WISH:
        korean.append(Eojeol(stem.text + "고"))
        stem = WISH
        if subject.identity not in ("me", "you"):
            korean.append(Eojeol("싶어"))
            stem = DO
    elif mode is Mode.ABILITY:
        korean += [Eojeol(prospective(stem)), Eojeol("수")]
        stem, polarity = (LACK if negative else EXIST), Polarity.AFFIRMED
    stem = _negated(korean, stem, polarity)
    ends = [Eojeol(text) for text in closed(stem, tense, closing)]
    korean += ends
    main = korean[1] if polarity is Polarity.SHORT else korean[0]
    denier = korean[0] if polarity is Polarity.SHORT else ends[0]
    negation = [carried("not", denier, *ends)] if negative else []

    if mode is Mode.PROGRESSIVE:
        auxiliary = carried(be(tense, agreement), ends[0], *korean)
        return Predicate(korean, [auxiliary, *negation], _core(english, english.gerund, main))
    if mode is Mode.ABILITY:
        past = tense is Tense.PAST
        if negative and not past:
            return Predicate(
                korean, [carried("cannot", ends[0], korean[1])], _core(english, english.base, main)
            )
        modal = carried("could" if past else "can", ends[0], korean[1])
        return Predicate(korean, [modal, *negation], _core(english, english.base, main))
    core = _core(english, english.base, main)
    if mode is Mode.WISH:
        form = WANT.base if support else WANT.finite(tense, agreement)
        core = [carried(form, korean[1], *korean[1:]), implied("to", *korean), *core]
    elif tense is Tense.FUTURE:
        return Predicate(korean, [carried("will", ends[-1], *ends), *negation], core)
    elif not support:
        return Predicate(korean, [], _core(english, english.finite(tense, agreement), main))
    if not support:
        return Predicate(korean, [], core)
    return Predicate(korean, [implied(do(tense, agreement), *korean), *negation], core)


def _core(english: EnglishVerb, form: str, main: Eojeol) -> list[Word]:
    """Return the main verb with its particle."""
    words = [carried(form, main)]
    if english.particle:
        words.append(implied(english.particle, main))
    return words


def state_group(
    stem: Stem,
    english: str,
    agreement: Agreement,
    tense: Tense,
    closing: Closing,
    polarity: Polarity = Polarity.AFFIRMED,
    degree: Fragment | None = None,
) -> Predicate:
    """Return an adjective as predicate: 아주 큽니다, 크지 않습니다, 클 것입니다."""
    korean: list[Eojeol] = []
    stem = _negated(korean, stem, polarity)
    ends = [Eojeol(text) for text in closed(stem, tense, closing)]
    korean += ends
    short = polarity is Polarity.SHORT
    main = korean[1] if short else korean[0]
    core = [carried(english, main)]
    if degree:
        core[:0] = degree.english
        korean[:0] = degree.korean
    negation = []
    if polarity is not Polarity.AFFIRMED:
        negation.append(carried("not", ends[0] if not short else korean[0], *ends))
    if tense is Tense.FUTURE:
        core.insert(0, implied("be", main, *ends))
        return Predicate(korean, [carried("will", ends[-1], *ends), *negation], core)
    return Predicate(korean, [carried(be(tense, agreement), ends[0], main, *ends), *negation], core)


def equation(
    complement: Fragment, agreement: Agreement, tense: Tense, closing: Closing
) -> Predicate:
    """Attach the copula to a noun phrase without particle."""
    *before, head = complement.korean
    texts = copula(head.text, tense, closing)
    head.text = texts[0]
    rest = [Eojeol(text) for text in texts[1:]]
    return Predicate(
        [*before, head, *rest], [carried(be(tense, agreement), head)], complement.english
    )


def inequation(
    complement: Fragment, agreement: Agreement, tense: Tense, closing: Closing
) -> Predicate:
    """Negate a noun phrase with 이/가 by 아니다."""
    denier = Eojeol(denial(tense, closing))
    auxiliaries = [carried(be(tense, agreement), denier), carried("not", denier)]
    return Predicate([*complement.korean, denier], auxiliaries, complement.english)
