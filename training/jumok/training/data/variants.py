"""Vary training pairs: names, numbers, punctuation, capitals, text to be copied."""

import random
import re
import string
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from jumok.bundle.words import find_words
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.data.configuration import Variants
from jumok.training.data.names import Names

_FINAL = re.compile(r"[.!?。！？]+$")
_NUMBER = re.compile(r"(?<![\w.,:])(?:[2-9]|[1-9]\d{1,3})(?![\w.,:]*\d)")
_RANGES = (2, 10, 13, 25, 29, 100, 1000, 1900, 2040, 10_000)
"""Numbers are replaced within these bounds, so that hours, days, months and years stay possible."""

_NEAR = 2000  # pairs between those that are joined
_LONGEST = 80  # characters of a target that is joined to another


def varied(
    pairs: Sequence[SentencePair], variants: Variants, folder: Path, max_malformed: float = 0.01
) -> list[SentencePair]:
    """Vary each pair with the configured probabilities, reproducibly.

    A pair that is trained on several times is varied differently each time. The alignment of a pair
    is kept unless the number of words changes.

    Args:
        pairs: training pairs.
        variants: the `[data.variants]` table.
        folder: folder that its path is relative to.
        max_malformed: maximum share of malformed lines of the table of names, 0 to 1.

    Returns:
        As many pairs, in the same order.

    Raises:
        DataError: the table of names cannot be read.
    """
    names = None if variants.names is None else Names(folder / variants.names, max_malformed)
    generator = random.Random(f"variants {len(pairs)}")
    steps: list[tuple[float, Callable[[SentencePair, random.Random], SentencePair]]] = [
        (variants.renumbered, _renumbered),
        (variants.unpunctuated, _unpunctuated),
        (variants.lowercased, _lowercased),
        (variants.capitalised, _capitalised),
        (variants.copied, _with_copied_text),
    ]
    if names is not None:
        steps[:0] = [
            (variants.renamed, names.replaced),
            (variants.hidden, partial(_with_copied_name, names)),
        ]
    result = []
    for place, pair in enumerate(pairs):
        varied_pair = pair
        if generator.random() < variants.joined:
            low, high = max(0, place - _NEAR), min(len(pairs), place + _NEAR)
            other = pairs[generator.randrange(low, high)]
            if (other.source, other.target) != (pair.source, pair.target):
                varied_pair = _joined(pair, other)
        for share, vary in steps:
            if generator.random() < share:
                varied_pair = alignment_kept(varied_pair, vary(varied_pair, generator))
        result.append(varied_pair)
    return result


def alignment_kept(pair: SentencePair, variant: SentencePair) -> SentencePair:
    """Return a variant of a pair without alignment if its number of words is another."""
    if variant.alignment is None or _words(variant) == _words(pair):
        return variant
    return replace(variant, alignment=None)


def _words(pair: SentencePair) -> tuple[int, int]:
    """Count the words of both sides, which an alignment refers to."""
    return len(find_words(pair.source)), len(find_words(pair.target))


def _renumbered(pair: SentencePair, generator: random.Random) -> SentencePair:
    """Replace numbers in digits that occur on both sides by others of as many digits."""
    source, target = pair.source, pair.target
    for number in dict.fromkeys(_NUMBER.findall(source)):
        here = re.compile(rf"(?<!\d){number}(?!\d)")
        if len(here.findall(source)) != 1 or len(here.findall(target)) != 1:
            continue
        # endings that would have to change: 3rd, 1990s, an 8-year-old; 3은 but 2는
        if re.search(rf"(?:\ban )?(?<!\d){number}(?:st|nd|rd|th|s)\b|\ban {number}\b", target):
            continue
        if re.search(rf"{number}(?:은|는|이|가|을|를|과|와|으로|로)(?!\w)", source):
            continue
        above = bisect(_RANGES, int(number))
        other = str(generator.randrange(*_RANGES[above - 1 : above + 1]))
        source, target = here.sub(other, source), here.sub(other, target)
    return replace(pair, source=source, target=target)


def _unpunctuated(pair: SentencePair, generator: random.Random) -> SentencePair:
    source, target = (_FINAL.sub("", text).rstrip() for text in (pair.source, pair.target))
    if not source or not target or (source, target) == (pair.source, pair.target):
        return pair
    return replace(pair, source=source, target=target)


def _lowercased(pair: SentencePair, generator: random.Random) -> SentencePair:
    return replace(pair, source=pair.source.lower())


def _capitalised(pair: SentencePair, generator: random.Random) -> SentencePair:
    if any(char.isalpha() and char.lower() == char.upper() for char in pair.source):
        # a script without capitals
        return pair
    return replace(pair, source=pair.source.upper(), target=pair.target.upper())


def _joined(pair: SentencePair, other: SentencePair) -> SentencePair:
    """Make one text of two, if both are short sentences that end with punctuation."""
    for one in (pair, other):
        ends = _FINAL.search(one.source) and _FINAL.search(one.target)
        if not ends or len(one.target) > _LONGEST or one.back_translated != pair.back_translated:
            return pair
    alignment = None
    if pair.alignment is not None and other.alignment is not None:
        moved = _words(pair)
        sure, possible = (
            mine | _shifted(theirs, moved)
            for mine, theirs in (
                (pair.alignment.sure, other.alignment.sure),
                (pair.alignment.possible, other.alignment.possible),
            )
        )
        alignment = GoldAlignment(sure, possible)
    return replace(
        pair,
        source=f"{pair.source} {other.source}",
        target=f"{pair.target} {other.target}",
        alignment=alignment,
    )


def _shifted(links: Links, by: tuple[int, int]) -> Links:
    return frozenset((source + by[0], target + by[1]) for source, target in links)


def _with_copied_name(names: Names, pair: SentencePair, generator: random.Random) -> SentencePair:
    """Replace a name by text that a translation must copy."""
    return names.hidden(pair, _copied_text(generator), generator)


def _with_copied_text(pair: SentencePair, generator: random.Random) -> SentencePair:
    """Add text that a translation must copy: addresses, placeholders, tags, long numbers."""
    kind = generator.randrange(6)
    if kind == 0:
        tag = generator.choice(["b", "i", "em", "strong", "p", "span"])
        return replace(
            pair,
            source=f"<{tag}>{pair.source}</{tag}>",
            target=f"<{tag}>{pair.target}</{tag}>",
        )
    text = _copied_text(generator)
    before, after = generator.choice([("", f" {text}"), (f"{text} ", ""), (f"{text}: ", "")])
    return replace(
        pair,
        source=f"{before}{pair.source}{after}",
        target=f"{before}{pair.target}{after}",
    )


def _copied_text(generator: random.Random) -> str:
    def letters(low: int, high: int) -> str:
        count = generator.randint(low, high)
        return "".join(generator.choices(string.ascii_lowercase, k=count))

    def digits(low: int, high: int) -> str:
        return "".join(generator.choices(string.digits, k=generator.randint(low, high)))

    domain = f"{letters(3, 9)}.{generator.choice(['com', 'net', 'org', 'co.kr', 'de', 'io'])}"
    return generator.choice(
        [
            f"https://{domain}/{letters(2, 7)}",
            f"www.{domain}",
            f"{letters(3, 8)}{digits(0, 3)}@{domain}",
            "{" + generator.choice([digits(1, 1), letters(3, 8)]) + "}",
            generator.choice(["%s", "%d", "%1$s", "{{name}}", "$1"]),
            digits(6, 12),
            f"{digits(3, 3)}-{digits(4, 4)}-{digits(4, 4)}",
            f"{letters(3, 8)}.{generator.choice(['txt', 'pdf', 'jpg', 'py', 'docx'])}",
            f"@{letters(4, 9)}{digits(0, 2)}",
            f"#{letters(3, 9)}",
            f"v{digits(1, 1)}.{digits(1, 2)}.{digits(1, 1)}",
            generator.choice("😀😂🙏👍🎉😊😭❤🔥🤔"),
            f"`{letters(2, 6)}_{letters(2, 6)}`",
        ]
    )
