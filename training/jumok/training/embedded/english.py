"""English inflection: articles, plurals, verb forms and agreement."""

from dataclasses import dataclass
from enum import Enum
from functools import cache

from jumok.training.embedded.conjugation import Tense

_VOWELS = "aeiou"


class Agreement(Enum):
    """The features of a subject that English verbs agree with."""

    FIRST = "I"
    THIRD = "he"
    PLURAL = "they"


@cache
def article(following: str) -> str:
    """Return the indefinite article before this word."""
    return "an" if following[0].lower() in _VOWELS else "a"


@cache
def sibilant(word: str) -> str:
    """Attach the -s of plurals and of the third person."""
    if word.endswith(("s", "x", "z", "ch", "sh", "to")):
        return word + "es"
    if word.endswith("o") and len(word) == 2:
        return word + "es"
    if word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _doubled(word: str) -> str:
    """Double the last consonant of a one-syllable word in consonant-vowel-consonant."""
    vowels = [letter in _VOWELS for letter in word]
    short = sum(vowels) == 1 and len(word) > 2 and vowels[-3:] == [False, True, False]
    return word + word[-1] if short and word[-1] not in "wxy" else word


@dataclass(frozen=True, slots=True)
class EnglishVerb:
    """An English verb; `past` only if it is irregular, `particle` as in "get up"."""

    base: str
    irregular: str = ""
    particle: str = ""

    @property
    def past(self) -> str:
        """Return the past tense."""
        if self.irregular:
            return self.irregular
        if self.base.endswith("e"):
            return self.base + "d"
        if self.base.endswith("y") and self.base[-2] not in _VOWELS:
            return self.base[:-1] + "ied"
        return _doubled(self.base) + "ed"

    @property
    def gerund(self) -> str:
        """Return the -ing form."""
        if self.base.endswith("e") and not self.base.endswith("ee"):
            return self.base[:-1] + "ing"
        return _doubled(self.base) + "ing"

    def finite(self, tense: Tense, agreement: Agreement) -> str:
        """Return the simple present or past for this subject."""
        if tense is Tense.PAST:
            return self.past
        if agreement is not Agreement.THIRD:
            return self.base
        return "has" if self.base == "have" else sibilant(self.base)


def be(tense: Tense, agreement: Agreement) -> str:
    """Return am, are, is, was or were."""
    if tense is Tense.PAST:
        return "were" if agreement is Agreement.PLURAL else "was"
    return {Agreement.FIRST: "am", Agreement.THIRD: "is", Agreement.PLURAL: "are"}[agreement]


def do(tense: Tense, agreement: Agreement) -> str:
    """Return do, does or did."""
    if tense is Tense.PAST:
        return "did"
    return "does" if agreement is Agreement.THIRD else "do"
