"""Vary training pairs: names, numbers, punctuation, capitals, text to be copied."""

import random
import re
import string
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jumok.bundle.words import find_words
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.data.configuration import Variants
from jumok.training.data.table import Table
from jumok.training.embedded.hangul import final

_FINAL = re.compile(r"[.!?。！？]+$")
_NUMBER = re.compile(r"(?<![\w.,:])(?:[2-9]|[1-9]\d{1,3})(?![\w.,:]*\d)")
_RANGES = (2, 10, 13, 100, 1000, 1900, 2040, 10_000)
"""Numbers are replaced within these bounds: hours, months and years stay what they are."""

_NEAR = 2000  # pairs between those that are joined
_LONGEST = 80  # characters of a target that is joined to another


def varied(pairs: Sequence[SentencePair], variants: Variants, folder: Path) -> list[SentencePair]:
    """Vary each pair with the configured probabilities, reproducibly.

    A pair that is trained on several times is varied differently each time. The alignment of a pair
    is kept unless the number of words changes.

    Args:
        pairs: training pairs.
        variants: the `[data.variants]` table.
        folder: folder that its path is relative to.

    Raises:
        DataError: the table of names cannot be read.
    """
    names = None if variants.names is None else _Names(folder / variants.names)
    generator = random.Random(f"variants {len(pairs)}")
    steps: list[tuple[float, Callable[[SentencePair, random.Random], SentencePair]]] = [
        (variants.renumbered, _renumbered),
        (variants.unpunctuated, _unpunctuated),
        (variants.lowercased, _lowercased),
        (variants.capitalised, _capitalised),
        (variants.copied, _with_copied_text),
    ]
    if names is not None:
        steps.insert(0, (variants.renamed, names.replaced))
    result = []
    for place, pair in enumerate(pairs):
        varied_pair = pair
        if generator.random() < variants.joined:
            low, high = max(0, place - _NEAR), min(len(pairs), place + _NEAR)
            varied_pair = _joined(pair, pairs[generator.randrange(low, high)])
        words = _words(varied_pair)
        for share, vary in steps:
            if generator.random() < share:
                varied_pair = vary(varied_pair, generator)
        if varied_pair.alignment is not None and _words(varied_pair) != words:
            varied_pair = replace(varied_pair, alignment=None)
        result.append(varied_pair)
    return result


def _words(pair: SentencePair) -> tuple[int, int]:
    """Count the words of both sides, which an alignment refers to."""
    return len(find_words(pair.source)), len(find_words(pair.target))


@dataclass(frozen=True, slots=True)
class _Name:
    source: str
    target: str
    kind: str

    @property
    def like(self) -> tuple[str, str, int, int]:
        """What names have in common that can replace each other.

        Korean particles depend on the final consonant: none, ㄹ or another. Alignments depend on
        the numbers of words.
        """
        ending = ""
        if "가" <= self.source[-1] <= "힣" and (consonant := final(self.source)):
            ending = consonant if consonant == "ㄹ" else "other"
        return self.kind, ending, len(find_words(self.source)), len(find_words(self.target))


class _Names:
    """Names in both languages."""

    def __init__(self, path: Path) -> None:
        table = Table(path, header=True, max_malformed=0)
        columns = [table.column(name) for name in (1, 2, 3)]
        self._by_target: dict[str, list[_Name]] = defaultdict(list)
        self._alike: dict[tuple[str, str, int, int], list[_Name]] = defaultdict(list)
        for row in table.rows():
            with table.tally.line():
                cells = table.split(row)
                name = _Name(*(cells[column] for column in columns))
                self._by_target[name.target].append(name)
                self._alike[name.like].append(name)
        table.tally.finish()
        self._longest = max((len(target.split()) for target in self._by_target), default=0)

    def replaced(self, pair: SentencePair, generator: random.Random) -> SentencePair:
        """Replace each name that occurs once on both sides by another name of its kind."""
        sources: dict[str, str] = {}
        targets: dict[str, str] = {}
        for known in self._found(pair.target):
            name = next((name for name in known if _occurs_once(name, pair)), None)
            if name is None or name.source in sources:
                continue
            free = [
                other for other in self._alike[name.like] if other.target not in targets.values()
            ]
            other = generator.choice(free or [name])
            sources[name.source], targets[name.target] = other.source, other.target
        return replace(
            pair,
            source=_substituted(pair.source, sources, ends=False),
            target=_substituted(pair.target, targets, ends=True),
        )

    def _found(self, target: str) -> list[list[_Name]]:
        words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", target)
        spans = (
            " ".join(words[start : start + length])
            for start in range(len(words))
            for length in range(self._longest, 0, -1)
        )
        return [self._by_target[span] for span in dict.fromkeys(spans) if span in self._by_target]


def _occurs_once(name: _Name, pair: SentencePair) -> bool:
    once = pair.source.count(name.source) == pair.target.count(name.target) == 1
    return once and re.search(rf"(?<!\w){re.escape(name.source)}", pair.source) is not None


def _substituted(text: str, names: dict[str, str], ends: bool) -> str:
    """Replace names at once, so that two can change places; `ends`: whole words only."""
    if not names:
        return text
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(map(re.escape, longest_first))
    return re.sub(rf"\b(?:{pattern})" + r"\b" * ends, lambda match: names[match[0]], text)


def _renumbered(pair: SentencePair, generator: random.Random) -> SentencePair:
    """Replace numbers in digits that occur on both sides by others of as many digits."""
    source, target = pair.source, pair.target
    for number in dict.fromkeys(_NUMBER.findall(source)):
        if len(re.findall(rf"(?<!\d){number}(?!\d)", source)) != 1:
            continue
        if len(re.findall(rf"(?<!\d){number}(?!\d)", target)) != 1:
            continue
        above = bisect(_RANGES, int(number))
        other = str(generator.randrange(*_RANGES[above - 1 : above + 1]))
        source = re.sub(rf"(?<!\d){number}(?!\d)", other, source)
        target = re.sub(rf"(?<!\d){number}(?!\d|st|nd|rd|th)", other, target)
        if other not in target:  # an ordinal, whose ending would change
            return pair
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


def _with_copied_text(pair: SentencePair, generator: random.Random) -> SentencePair:
    """Add text that a translation must copy: addresses, placeholders, tags, long numbers."""
    kind = generator.randrange(4)
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
        ]
    )
