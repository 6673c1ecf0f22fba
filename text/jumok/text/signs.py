"""Signs that a translation may be wrong."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.languages import primary_language

Sign = Literal["script", "repetition", "unattended", "length"]
"""A script that the source language does not use; repeated words; source words without attention;
an unlikely length."""

_SCRIPTS: Final = {
    "am": "ETHIOPIC",
    **dict.fromkeys(("ar", "fa", "ps", "ug", "ur"), "ARABIC"),
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "mn", "ru", "uk"), "CYRILLIC"),
    "bn": "BENGALI",
    "el": "GREEK",
    **dict.fromkeys(("he", "yi"), "HEBREW"),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), "DEVANAGARI"),
    "hy": "ARMENIAN",
    "ja": "HIRAGANA KATAKANA KATAKANA-HIRAGANA CJK",
    "ka": "GEORGIAN",
    "km": "KHMER",
    "ko": "HANGUL CJK",
    "lo": "LAO",
    "my": "MYANMAR",
    "sr": "CYRILLIC LATIN",
    "ta": "TAMIL",
    "te": "TELUGU",
    "th": "THAI",
    **dict.fromkeys(("yue", "zh"), "CJK"),
}
"""First words of the names of letters, by language; other languages are written in Latin."""

_FEWEST_LETTERS: Final = 4  # a name or an acronym may be in another script
_LONGEST_GRAM: Final = 4
_MOST_RATIO, _MARGIN = 2.5, 6  # tokens of one side by those of the other, and tokens that are free
_LEAST_ATTENTION: Final = 0.3
_FEWEST_UNATTENDED: Final = 2
_UNATTENDED_SHARE: Final = 1 / 3


def find_signs(
    source: str,
    language: str,
    source_words: Sequence[int],
    target: str,
    attention: NDArray[np.float32],
) -> Iterator[Sign]:
    """Yield the signs that a translation may be wrong.

    Args:
        source: the source, as the model read it.
        language: the source language of the model, a BCP 47 tag.
        source_words: word index of each source token.
        target: the translation.
        attention: float32 [target, source] over the tokens of both, without their ends.
    """
    if has_other_script(source, language):
        yield "script"
    if repeats(target) and not repeats(source):
        yield "repetition"
    targets, sources = attention.shape
    if not sources:
        return
    totals = attention.sum(axis=0)
    if totals.min() < _LEAST_ATTENTION:
        received = np.zeros(max(source_words) + 1)
        np.maximum.at(received, np.asarray(source_words), totals)
        unattended = int((received < _LEAST_ATTENTION).sum())
        if unattended >= max(_FEWEST_UNATTENDED, _UNATTENDED_SHARE * len(received)):
            yield "unattended"
    if max(targets, sources) > _MOST_RATIO * min(targets, sources) + _MARGIN:
        yield "length"


def has_other_script(text: str, language: str) -> bool:
    """Tell whether most letters are of a script in which a language is not written."""
    known = _SCRIPTS.get(primary_language(language), "LATIN").split()
    letters = [each for each in text if each.isalpha()]
    other = sum(_script(letter) not in known for letter in letters)
    return other >= _FEWEST_LETTERS and 2 * other > len(letters)


@lru_cache(maxsize=8192)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def repeats(text: str) -> bool:
    """Tell whether one to four words follow each other three times, or longer ones twice."""
    words = text.lower().split()
    if len(words) < 3 or len(set(words)) == len(words):
        return False
    for size in range(1, _LONGEST_GRAM + 1):
        times = 3 if size < 3 else 2
        for start in range(len(words) - size * times + 1):
            gram = words[start : start + size]
            if words[start : start + size * times] == gram * times:
                return True
    most = Counter(words).most_common(1)[0][1]
    return most > 3 and 3 * most >= len(words)
