"""Capital letters: text in capitals is translated as lower case, and gets its capitals back."""

import re
from collections.abc import Iterator
from typing import Final, Literal

Capitals = Literal["none", "all", "words"]
"""What is in capitals: nothing unusual, all letters, or the first letter of each word."""

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LONGEST_ACRONYM: Final = 4
_FEWEST_WORDS: Final = 4  # of a title


def find_capitals(text: str) -> Capitals:
    """Tell how a segment is capitalised.

    Acronyms of up to four letters do not count. German writes nouns with a capital letter, so that
    only a title with all words capitalised, among them a short one, counts.
    """
    words: list[str] = _WORD.findall(text)
    cased = [word for word in words if word.lower() != word.upper()]
    if len(cased) < len(words) or not cased:  # a script without capitals, or mixed
        return "none"
    if text.upper() == text:
        long = any(len(word) > _LONGEST_ACRONYM for word in cased)
        return "all" if long or len(cased) > 2 else "none"
    if len(cased) >= _FEWEST_WORDS and all(word[0].isupper() for word in cased):
        lower = [word for word in cased[1:] if word[1:].islower()]
        return "words" if len(lower) >= _FEWEST_WORDS - 1 else "none"
    return "none"


def find_lowered(text: str, capitals: Capitals) -> Iterator[tuple[int, str]]:
    """Yield the places of the letters that the model reads in lower case, and what it reads."""
    for match in _WORD.finditer(text):
        word, start = match[0], match.start()
        # acronyms in a title stay
        last = len(word) if capitals == "all" else 1 if word[1:].islower() else 0
        for place, character in enumerate(word[:last], start):
            if character.isupper() and len(character.lower()) == 1:
                yield place, character.lower()


def capitalised(text: str, capitals: Capitals) -> list[str]:
    """Return the characters of a translation with the capitals of its source."""
    match capitals:
        case "all":
            return [character.upper() for character in text]
        case "words":
            starts = {match.start() for match in _WORD.finditer(text)}
            return [
                character.upper() if place in starts else character
                for place, character in enumerate(text)
            ]
        case _:
            return list(text)
