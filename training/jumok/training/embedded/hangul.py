"""Hangul syllable arithmetic and the particles that depend on it.

A precomposed syllable is U+AC00 + (initial * 21 + vowel) * 28 + final, with final 0 for none.
"""

from collections.abc import Callable

Particle = Callable[[str], str]

_BASE = 0xAC00
_LAST = 0xD7A3
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = "\0ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


def _code(text: str) -> int:
    """Return the offset of the last syllable of the text from U+AC00."""
    code = ord(text[-1])
    if not _BASE <= code <= _LAST:
        raise ValueError(f"{text!r} does not end in a Hangul syllable")
    return code - _BASE


def final(text: str) -> str:
    """Return the final consonant of the last syllable, or an empty string."""
    index = _code(text) % 28
    return _FINALS[index] if index else ""


def with_final(text: str, consonant: str) -> str:
    """Return the text with the last syllable's final consonant replaced; "" removes it."""
    code = _code(text)
    index = _FINALS.index(consonant) if consonant else 0
    return text[:-1] + chr(_BASE + code - code % 28 + index)


def vowel(text: str) -> str:
    """Return the vowel of the last syllable."""
    return _VOWELS[_code(text) // 28 % 21]


def with_vowel(text: str, jamo: str) -> str:
    """Return the text with the last syllable's vowel replaced."""
    code = _code(text)
    initial, last = code // 28 // 21, code % 28
    return text[:-1] + chr(_BASE + (initial * 21 + _VOWELS.index(jamo)) * 28 + last)


def topic(noun: str) -> str:
    """Attach 은/는."""
    return noun + ("은" if final(noun) else "는")


def nominative(noun: str) -> str:
    """Attach 이/가."""
    return noun + ("이" if final(noun) else "가")


def accusative(noun: str) -> str:
    """Attach 을/를."""
    return noun + ("을" if final(noun) else "를")


def comitative(noun: str) -> str:
    """Attach 과/와."""
    return noun + ("과" if final(noun) else "와")


def instrumental(noun: str) -> str:
    """Attach 으로/로; a final ㄹ counts as a vowel here."""
    return noun + ("으로" if final(noun) not in ("", "ㄹ") else "로")


def dative(noun: str) -> str:
    """Attach 에게."""
    return noun + "에게"


def bare(noun: str) -> str:
    """Attach nothing."""
    return noun
