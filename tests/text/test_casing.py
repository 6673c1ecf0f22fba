"""Capital letters that a translation gets back."""

import pytest

from jumok.text.casing import Capitals, capitalised, find_capitals, find_lowered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ICH HABE EIN AUTO!", "all"),
        ("ACHTUNG!", "all"),
        ("NATO", "none"),
        ("EU-USA", "none"),
        ("Ich fahre einen VW.", "none"),
        ("Die Katze.", "none"),
        ("Der Herr Der Ringe", "words"),
        ("Die Neue Welt Der NATO Heute", "words"),
        ("Peter und Maria Müller", "none"),
        ("나는 학생입니다", "none"),
        ("나는 LG 팬", "none"),
        ("123", "none"),
    ],
)
def test_capitals(text: str, expected: Capitals) -> None:
    """Texts in capitals and titles are told from acronyms and ordinary sentences."""
    assert find_capitals(text) == expected


@pytest.mark.parametrize(
    ("text", "capitals", "read"),
    [
        ("ICH HABE ÄPFEL!", "all", "ich habe äpfel!"),
        ("Die Neue NATO Heute", "words", "die neue NATO heute"),
    ],
)
def test_lower_case(text: str, capitals: Capitals, read: str) -> None:
    """The model reads such texts in lower case, but for acronyms of a title."""
    letters = list(text)
    for place, letter in find_lowered(text, capitals):
        letters[place] = letter
    assert "".join(letters) == read


def test_capitalised() -> None:
    """A translation gets the capitals of its source."""
    assert "".join(capitalised("I have it!", "all")) == "I HAVE IT!"
    assert "".join(capitalised("the new it's", "words")) == "The New It's"
    assert "".join(capitalised("as it is", "none")) == "as it is"
