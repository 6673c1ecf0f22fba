"""Parts of generated sentences with numbers that do not depend on the source language."""

import datetime
from collections.abc import Callable
from random import Random
from typing import Final

from babel.dates import format_date, format_skeleton
from num2words import num2words

Slot = Callable[[Random], tuple[str, str]]
"""Draws a value; returns it in the source language and in English."""

Pattern = tuple[str, str]
"""A sentence with names of slots in braces, and its translation."""

_PLURALS: Final = {"child": "children", "fish": "fish"}


def english_number(number: int) -> str:
    """Write a number in English: up to ten in words."""
    return str(num2words(number)) if number <= 10 else f"{number:,}"


def plural(number: int, noun: str) -> str:
    """Return the form of an English noun after a number."""
    if number == 1:
        return noun
    head, of, rest = noun.partition(" of ")
    if not of and noun in _PLURALS:
        return _PLURALS[noun]
    return f"{head}s{of}{rest}"


def date_slot(language: str, words: Callable[[datetime.date], str] | None = None) -> Slot:
    """Make a slot of dates.

    Args:
        language: CLDR locale of the source language.
        words: writes month and day in words, for a third of the dates.
    """

    def draw(generator: Random) -> tuple[str, str]:
        day = datetime.date(generator.randint(1950, 2030), 1, 1)
        day += datetime.timedelta(days=generator.randrange(365))
        kind = generator.randrange(3)
        if kind == 0:
            return format_date(day, "long", language), format_date(day, "long", "en_US")
        if kind == 1 and words is not None:
            return words(day), format_skeleton("MMMMd", day, locale="en_US")
        return (
            format_skeleton("MMMMd", day, locale=language),
            format_skeleton("MMMMd", day, locale="en_US"),
        )

    return draw


def digits_slot(pattern: str) -> Slot:
    """Make a slot of digits, one for each # of a pattern."""

    def draw(generator: Random) -> tuple[str, str]:
        text = "".join(generator.choice("0123456789") if mark == "#" else mark for mark in pattern)
        return text, text

    return draw


def sign(generator: Random) -> tuple[str, str]:
    """Draw the number of a bus or a room."""
    number = generator.choice((generator.randint(1, 99), generator.randint(100, 9999)))
    return str(number), str(number)
