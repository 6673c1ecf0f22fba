"""Generate sentence pairs with numbers: prices, times, dates, ages, counted things, ordinals.

Number words are those of num2words, dates those of babel (CLDR).
"""

import re
from random import Random
from typing import Final

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data import german_numbers, korean_numbers

_LANGUAGES: Final = {"ko": korean_numbers, "de": german_numbers}


def number_pairs(source_language: str, count: int, seed: int = 0) -> list[SentencePair]:
    """Generate different pairs to English, reproducibly.

    Args:
        source_language: "ko" or "de".
        count: number of pairs; fewer if there are not so many.
        seed: seed of the random generator.

    Raises:
        ValueError: there are no patterns for the language.
    """
    if source_language not in _LANGUAGES:
        raise ValueError(
            f"number sentences are generated for {', '.join(_LANGUAGES)}, not {source_language}"
        )
    language = _LANGUAGES[source_language]
    generator = Random(seed)
    found: dict[tuple[str, str], None] = {}
    for _ in range(20 * count):
        if len(found) == count:
            break
        source, target = generator.choice(language.PATTERNS)
        for name, draw in language.SLOTS.items():
            if "{" + name + "}" in source:
                value, english = draw(generator)
                source = source.replace("{" + name + "}", value)
                target = target.replace("{" + name + "}", english)
        source, target = korean_numbers.with_particles(source), target.replace("..", ".")
        if generator.random() < 0.15:
            source, target = (re.sub(r"(?<!\.m)[.?!]$", "", text) for text in (source, target))
        found[source[:1].upper() + source[1:], target[:1].upper() + target[1:]] = None
    return [SentencePair(*pair) for pair in found]
