"""Clauses: subject-object-verb order in Korean, subject-verb-object order in English."""

from dataclasses import dataclass, field

from jumok.training.embedded.phrase import Eojeol, Fragment, NounPhrase, Predicate, Word


@dataclass(slots=True)
class Clause:
    """A subject, a predicate and the phrases around it.

    Adjuncts precede the Korean verb and follow the English verb, in reversed order:
    친구와 함께 버스로 학교에 갑니다 is "go to school by bus with a friend".
    """

    subject: NounPhrase
    predicate: Predicate
    object: Fragment | None = None
    adjuncts: list[Fragment] = field(default_factory=list)
    manner: Fragment | None = None
    frequency: Fragment | None = None
    time: Fragment | None = None
    time_first: bool = False
    cause: Fragment | None = None
    cause_first: bool = False

    def korean(self) -> list[Eojeol]:
        """Return the Korean words in order."""
        head = [self.time, self.subject] if self.time_first else [self.subject, self.time]
        head.insert(0 if self.cause_first else 1, self.cause)
        words: list[Eojeol] = []
        for part in (*head, self.frequency, *self.adjuncts, self.object, self.manner):
            if part:
                words += part.korean
        return words + self.predicate.korean

    def middle(self) -> list[Word]:
        """Return the English words from the main verb to the end."""
        words = [*self.predicate.core]
        for part in (self.object, self.manner, *reversed(self.adjuncts), self.time, self.cause):
            if part:
                words += part.english
        return words

    def statement(self) -> list[Word]:
        """Return the English words of a statement."""
        often = self.frequency.english if self.frequency else []
        return [*self.subject.english, *self.predicate.auxiliaries, *often, *self.middle()]

    def question(self) -> list[Word]:
        """Return the English words of a question, which starts with the first auxiliary."""
        first, *rest = self.predicate.auxiliaries
        often = self.frequency.english if self.frequency else []
        return [first, *self.subject.english, *rest, *often, *self.middle()]
