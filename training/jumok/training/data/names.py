"""Replace names in sentence pairs by others of their kind."""

import random
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from jumok.bundle.words import find_words
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.lines import MalformedLineError
from jumok.training.data.table import Table
from jumok.training.embedded.hangul import final


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


class Names:
    """Names in both languages."""

    def __init__(self, path: Path, max_malformed: float) -> None:
        """Read a table with the columns source, target and kind.

        Args:
            path: the file, with a header.
            max_malformed: maximum share of malformed lines, 0 to 1.

        Raises:
            DataError: the file cannot be read or has too many malformed lines.
        """
        table = Table(path, header=True, max_malformed=max_malformed)
        columns = [table.column(name) for name in (1, 2, 3)]
        self._by_target: dict[str, list[_Name]] = defaultdict(list)
        self._alike: dict[tuple[str, str, int, int], list[_Name]] = defaultdict(list)
        for row in table.rows():
            with table.tally.line():
                cells = table.split(row)
                name = _Name(*(cells[column].strip() for column in columns))
                if not (name.source and name.target):
                    raise MalformedLineError("a name is empty")
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
            source=_substituted(pair.source, sources),
            target=_substituted(pair.target, targets),
        )

    def hidden(self, pair: SentencePair, text: str, generator: random.Random) -> SentencePair:
        """Replace one name that occurs once on both sides by the same text; if there is one."""
        names = [
            name for known in self._found(pair.target) for name in known if _occurs_once(name, pair)
        ]
        if not names:
            return pair
        name = generator.choice(names)
        return replace(
            pair,
            source=_substituted(pair.source, {name.source: text}),
            target=_substituted(pair.target, {name.target: text}),
        )

    def _found(self, target: str) -> list[list[_Name]]:
        words = re.findall(r"(?<!\w)[^\W\d_]+(?:-[^\W\d_]+)?(?!\w)", target)
        spans = (
            " ".join(words[start : start + length])
            for start in range(len(words))
            for length in range(self._longest, 0, -1)
        )
        return [self._by_target[span] for span in dict.fromkeys(spans) if span in self._by_target]


def _occurs_once(name: _Name, pair: SentencePair) -> bool:
    once = pair.source.count(name.source) == pair.target.count(name.target) == 1
    return once and re.search(_whole(name.source), pair.source) is not None


def _whole(name: str) -> str:
    """Return a pattern of a name as a whole word; particles may follow a name in Hangul."""
    return rf"(?<!\w){re.escape(name)}" + ("" if "가" <= name[-1] <= "힣" else r"(?!\w)")


def _substituted(text: str, names: dict[str, str]) -> str:
    """Replace names at once, so that two can change places."""
    if not names:
        return text
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(map(_whole, longest_first))
    return re.sub(pattern, lambda match: names[match[0]], text)
