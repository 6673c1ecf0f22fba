"""English inflection."""

import pytest

from jumok.training.embedded.conjugation import Tense
from jumok.training.embedded.english import Agreement, EnglishVerb, article, be, do, sibilant


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("book", "books"),
        ("watch", "watches"),
        ("fox", "foxes"),
        ("bus", "buses"),
        ("strawberry", "strawberries"),
        ("monkey", "monkeys"),
        ("tomato", "tomatoes"),
        ("piano", "pianos"),
        ("go", "goes"),
        ("study", "studies"),
        ("play", "plays"),
        ("teach", "teaches"),
        ("choose", "chooses"),
    ],
)
def test_s(word: str, form: str) -> None:
    """Plurals and the third person end in -s, -es or -ies."""
    assert sibilant(word) == form


@pytest.mark.parametrize(
    ("verb", "past", "gerund"),
    [
        (EnglishVerb("walk"), "walked", "walking"),
        (EnglishVerb("like"), "liked", "liking"),
        (EnglishVerb("cry"), "cried", "crying"),
        (EnglishVerb("play"), "played", "playing"),
        (EnglishVerb("visit"), "visited", "visiting"),
        (EnglishVerb("travel"), "traveled", "traveling"),
        (EnglishVerb("clean"), "cleaned", "cleaning"),
        (EnglishVerb("fix"), "fixed", "fixing"),
        (EnglishVerb("see", "saw"), "saw", "seeing"),
        (EnglishVerb("run", "ran"), "ran", "running"),
        (EnglishVerb("cut", "cut"), "cut", "cutting"),
        (EnglishVerb("get", "got"), "got", "getting"),
    ],
)
def test_verb(verb: EnglishVerb, past: str, gerund: str) -> None:
    """Past and -ing forms drop e, change y and double consonants as in English spelling."""
    assert (verb.past, verb.gerund) == (past, gerund)


def test_agreement() -> None:
    """Verbs agree with their subject in the present, and be also in the past."""
    have = EnglishVerb("have", "had")
    assert [have.finite(Tense.PRESENT, who) for who in Agreement] == ["have", "has", "have"]
    assert [be(Tense.PRESENT, who) for who in Agreement] == ["am", "is", "are"]
    assert [be(Tense.PAST, who) for who in Agreement] == ["was", "was", "were"]
    assert [do(Tense.PRESENT, who) for who in Agreement] == ["do", "does", "do"]
    assert [do(Tense.PAST, who) for who in Agreement] == ["did", "did", "did"]


def test_article() -> None:
    """The article depends on the following word."""
    words = ("book", "apple", "old", "umbrella")
    assert [article(word) for word in words] == ["a", "an", "an", "an"]
