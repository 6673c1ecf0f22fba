"""Pronouns, names and determiners."""

from dataclasses import dataclass

from jumok.training.embedded import hangul
from jumok.training.embedded.english import Agreement
from jumok.training.embedded.phrase import Eojeol, NounPhrase, carried


@dataclass(frozen=True, slots=True)
class Person:
    """A pronoun or a name with its English subject, object and possessive forms.

    `identity` identifies the person, so that a clause does not mention one person twice.
    """

    korean: str
    subject: str
    object: str
    possessive: str
    agreement: Agreement
    identity: str
    nominative: str = ""
    genitive: str = ""

    def phrase(self, particle: hangul.Particle, *, subject: bool = False) -> NounPhrase:
        """Return a noun phrase of the person with a particle."""
        irregular = self.nominative if particle is hangul.nominative else ""
        word = Eojeol(irregular or particle(self.korean))
        english = carried(self.subject if subject else self.object, word)
        return NounPhrase([word], [english], self.agreement, self.identity)


_I, _HE, _THEY = Agreement.FIRST, Agreement.THIRD, Agreement.PLURAL
ME = Person("나", "I", "me", "my", _I, "me", "내가", "내")
HUMBLE_ME = Person("저", "I", "me", "my", _I, "me", "제가", "제")
WE = Person("우리", "we", "us", "our", _THEY, "me", "", "우리")
YOU = Person("당신", "you", "you", "your", _THEY, "you")
HE = Person("그", "he", "him", "his", _HE, "he")
SHE = Person("그녀", "she", "her", "her", _HE, "she")
THEY = Person("그들", "they", "them", "their", _THEY, "they")
PRONOUNS = (ME, ME, ME, HUMBLE_ME, WE, YOU, HE, HE, SHE, SHE, THEY)
ADDRESSED = (YOU, YOU, YOU, HE, SHE, THEY)
OTHERS = (ME, WE, YOU, HE, SHE, THEY)


def _names(text: str) -> tuple[Person, ...]:
    """Parse `korean=english` names."""
    pairs = (entry.split("=") for entry in text.split())
    return tuple(Person(ko, en, en, en + "'s", _HE, en) for ko, en in pairs)


NAMES = _names("민수=Minsu 지수=Jisu 유나=Yuna 민호=Minho 수진=Sujin 지훈=Jihun 하은=Haeun")


@dataclass(frozen=True, slots=True)
class Determiner:
    """A Korean determiner with its English singular and plural."""

    korean: str
    singular: str
    plural: str


DEMONSTRATIVES = (
    Determiner("이", "this", "these"),
    Determiner("저", "that", "those"),
    Determiner("그", "the", "the"),
)
POSSESSIVES = tuple(
    Determiner(person.genitive or person.korean + "의", person.possessive, person.possessive)
    for person in (ME, ME, HUMBLE_ME, WE, YOU, HE, HE, SHE, SHE, THEY, *NAMES)
)
