"""Korean verb, adjective and copula endings, as rules on the syllables of the stem."""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Literal

from jumok.training.embedded.hangul import final, vowel, with_final, with_vowel


class Tense(Enum):
    """The three tenses of a clause."""

    PRESENT = "present"
    PAST = "past"
    FUTURE = "future"


class Closing(Enum):
    """The ending of a clause."""

    FORMAL = "-습니다"
    POLITE = "-아요"
    FORMAL_QUESTION = "-습니까?"
    POLITE_QUESTION = "-아요?"
    SINCE = "-아서"
    BECAUSE = "-기 때문에"
    ADNOMINAL = "-는"

    @property
    def question(self) -> bool:
        """Whether the clause is a question."""
        return self in (Closing.FORMAL_QUESTION, Closing.POLITE_QUESTION)


@dataclass(frozen=True, slots=True)
class Stem:
    """A stem with its irregular class; the ㄹ and 으 classes are evident from the spelling."""

    text: str
    irregular: Literal["", "ㅂ", "ㄷ", "르", "ㅎ"] = ""
    descriptive: bool = False


NOT = Stem("않")
EXIST = Stem("있")
LACK = Stem("없")
WISH = Stem("싶")
DO = Stem("하")

_CONTRACTED = {"ㅗ": "ㅘ", "ㅜ": "ㅝ", "ㅣ": "ㅕ", "ㅚ": "ㅙ"}
_MERGED = {"ㅏ": "ㅐ", "ㅑ": "ㅒ", "ㅓ": "ㅔ"}


def _harmonic(text: str) -> str:
    """Return 아 after a bright vowel, else 어."""
    return "아" if vowel(text) in ("ㅏ", "ㅑ", "ㅗ") else "어"


@cache
def connective(stem: Stem) -> str:
    """Return the -아/어 form: 가, 먹어, 마셔, 더워, 불러."""
    text = stem.text
    last = final(text)
    if text.endswith("하"):
        return text[:-1] + "해"
    if stem.irregular == "르":
        body = text[:-1]
        return with_final(body, "ㄹ") + ("라" if _harmonic(body) == "아" else "러")
    if stem.irregular == "ㅂ":
        return with_final(text, "") + ("와" if text in ("돕", "곱") else "워")
    if stem.irregular == "ㄷ":
        text = with_final(text, "ㄹ")
        return text + _harmonic(text)
    if stem.irregular == "ㅎ":
        return with_vowel(with_final(text, ""), _MERGED[vowel(text)])
    if last:
        return text + _harmonic(text)
    if vowel(text) == "ㅡ":
        bright = len(text) > 1 and _harmonic(text[:-1]) == "아"
        return with_vowel(text, "ㅏ" if bright else "ㅓ")
    if vowel(text) in _CONTRACTED:
        return with_vowel(text, _CONTRACTED[vowel(text)])
    return text if vowel(text) in ("ㅏ", "ㅓ", "ㅐ", "ㅔ") else text + "어"


@cache
def past(stem: Stem) -> str:
    """Return the past stem: 갔, 먹었, 했."""
    return with_final(connective(stem), "ㅆ")


@cache
def _linked(stem: Stem) -> str:
    """Return the stem before endings in 으: 먹으, 가, 더우, 들으, 빨가, 만들."""
    text = stem.text
    if stem.irregular == "ㅂ":
        return with_final(text, "") + "우"
    if stem.irregular == "ㄷ":
        return with_final(text, "ㄹ") + "으"
    if stem.irregular == "ㅎ":
        return with_final(text, "")
    return text if final(text) in ("", "ㄹ") else text + "으"


@cache
def prospective(stem: Stem) -> str:
    """Return the -(으)ㄹ form: 갈, 먹을, 만들."""
    return with_final(_linked(stem), "ㄹ")


@cache
def request(stem: Stem) -> str:
    """Return the -(으)세요 form: 가세요, 읽으세요, 만드세요."""
    text = _linked(stem)
    return (with_final(text, "") if final(text) else text) + "세요"


@cache
def proposal(stem: Stem) -> str:
    """Return the -(으)ㅂ시다 form: 갑시다, 읽읍시다, 만듭시다."""
    return with_final(_linked(stem), "ㅂ") + "시다"


@cache
def adnominal(stem: Stem, tense: Tense) -> str:
    """Return the form before a noun: 읽는, 읽은, 읽을; 큰 and 재미있는 for adjectives."""
    if tense is Tense.FUTURE:
        return prospective(stem)
    existential = stem.text.endswith(("있", "없"))
    if tense is Tense.PAST or (stem.descriptive and not existential):
        return with_final(_linked(stem), "ㄴ")
    return (with_final(stem.text, "") if final(stem.text) == "ㄹ" else stem.text) + "는"


def _formal(text: str, ending: str) -> str:
    """Attach -(스)ㅂ니다 or -(스)ㅂ니까? to a stem."""
    if final(text) in ("", "ㄹ"):
        return with_final(text, "ㅂ") + ending
    return text + "습" + ending


@cache
def closed(stem: Stem, tense: Tense, closing: Closing) -> tuple[str, ...]:
    """Return the eojeols of the stem with the endings of a tense and a closing."""
    if closing is Closing.ADNOMINAL:
        return (adnominal(stem, tense),)
    if closing is Closing.SINCE:
        return (connective(stem) + "서",)
    if tense is Tense.FUTURE:
        return (prospective(stem), _FUTURE[closing])
    was = tense is Tense.PAST
    if closing is Closing.BECAUSE:
        return ((past(stem) if was else stem.text) + "기", "때문에")
    if closing in (Closing.POLITE, Closing.POLITE_QUESTION):
        text = (past(stem) + "어" if was else connective(stem)) + "요"
        return (text + "?" if closing.question else text,)
    ending = "니까?" if closing.question else "니다"
    return (_formal(past(stem) if was else stem.text, ending),)


_FUTURE = {
    Closing.FORMAL: "것입니다",
    Closing.POLITE: "거예요",
    Closing.FORMAL_QUESTION: "것입니까?",
    Closing.POLITE_QUESTION: "거예요?",
}


@cache
def copula(noun: str, tense: Tense, closing: Closing) -> tuple[str, ...]:
    """Attach 이다 to a noun, present or past: 입니다, 예요/이에요, 였습니다/이었습니다."""
    was = noun + ("이었" if final(noun) else "였")
    if closing is Closing.BECAUSE:
        return ((was if tense is Tense.PAST else noun + "이") + "기", "때문에")
    if closing in (Closing.POLITE, Closing.POLITE_QUESTION):
        now = noun + ("이에요" if final(noun) else "예요")
        text = was + "어요" if tense is Tense.PAST else now
        return (text + "?" if closing.question else text,)
    ending = "니까?" if closing.question else "니다"
    return ((was + "습" if tense is Tense.PAST else noun + "입") + ending,)


def denial(tense: Tense, closing: Closing) -> str:
    """Return 아니다, present or past: 아닙니다, 아니에요, 아니었습니다."""
    was = tense is Tense.PAST
    mark = "?" if closing.question else ""
    if closing in (Closing.POLITE, Closing.POLITE_QUESTION):
        return ("아니었어요" if was else "아니에요") + mark
    return _formal("아니었" if was else "아니", "니까?" if mark else "니다")
