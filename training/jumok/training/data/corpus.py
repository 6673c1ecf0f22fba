"""A corpus: training, development and test pairs that share no sentence."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from jumok.evaluation.scoring.sentence_pair import GoldAlignment, Links, SentencePair
from jumok.training.data.cleaning import cleaned
from jumok.training.data.configuration import DataConfiguration
from jumok.training.data.held_out import HeldOutSides, part_of, sampled, share
from jumok.training.data.lines import sha256
from jumok.training.data.parallel_text import read_text, read_tsv
from jumok.training.data.word_alignments import read_alignments, read_gold
from jumok.training.embedded.corpus import passages
from jumok.training.errors import DataError

_Sets = dict[str, list[SentencePair]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The sentence pairs of a configuration.

    Attributes:
        train: training pairs in the order of the configuration, repeated according to weight.
        dev_sets: non-empty development sets by name, in the order of the configuration.
        test_sets: non-empty test sets by name, likewise.
        hashes: SHA-256 of each file by its path as configured, and of generated training data.
        left_out: number of pairs removed because their source or target is held out.
        cleaned: number of training pairs removed by `data.cleaning`.
    """

    train: list[SentencePair]
    dev_sets: _Sets = field(default_factory=dict)
    test_sets: _Sets = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    left_out: int = 0
    cleaned: int = 0

    @property
    def dev(self) -> list[SentencePair]:
        """The pairs of all development sets."""
        return [pair for pairs in self.dev_sets.values() for pair in pairs]

    @property
    def test(self) -> list[SentencePair]:
        """The pairs of all test sets."""
        return [pair for pairs in self.test_sets.values() for pair in pairs]

    def require_training(self) -> None:
        """Check that there are training and development pairs.

        Raises:
            DataError: there are none.
        """
        for name, pairs in (("training", self.train), ("development", self.dev)):
            if not pairs:
                raise DataError(f"the configuration has no {name} pairs; add some under [data]")


def load_corpus(data: DataConfiguration, folder: Path) -> Corpus:
    """Read the files of a configuration; any part may be empty.

    Training and development pairs are removed if their source or target is in the test part,
    training pairs also if it is in the development part. Texts are compared as by
    `jumok.training.data.held_out.normalised`.

    Args:
        data: the `[data]` table.
        folder: folder that relative paths are relative to.

    Raises:
        DataError: a file cannot be read.
    """
    read = _Reading(data, folder)
    held_out = HeldOutSides()
    held_out.add(pair for pairs in read.test.values() for pair in pairs)
    dev = {name: held_out.without(pairs) for name, pairs in read.dev.items()}
    for pairs in dev.values():
        held_out.add(pairs)
    left_out = sum(map(len, read.dev.values())) - sum(map(len, dev.values()))
    aligned = {}
    if data.alignments is not None:
        aligned = read_alignments(folder / data.alignments, data.max_malformed)
    train: list[SentencePair] = []
    dropped = 0
    seen: set[tuple[str, str]] = set()
    for weight, pairs in read.train:
        apart = held_out.without(pairs)
        clean = cleaned(apart, data.cleaning, seen)
        left_out += len(pairs) - len(apart)
        dropped += len(apart) - len(clean)
        train += _weighted([_aligned(pair, aligned) for pair in clean], weight)
    if data.alignments is not None and not any(pair.alignment for pair in train):
        raise DataError(
            f"{folder / data.alignments} has links of none of the training pairs; align the texts "
            "that this configuration reads"
        )
    return Corpus(
        train=train,
        dev_sets={name: pairs for name, pairs in dev.items() if pairs},
        test_sets=read.test,
        hashes=read.hashes,
        left_out=left_out,
        cleaned=dropped,
    )


class _Reading:
    """The pairs of all files by part, before any are removed."""

    def __init__(self, data: DataConfiguration, folder: Path) -> None:
        self._data, self._folder = data, folder
        self.train: list[tuple[float, list[SentencePair]]] = []
        self.dev: _Sets = {}
        self.test: _Sets = {}
        self.hashes: dict[str, str] = {}
        self._embedded()
        for tsv in data.tsv:
            shares = tsv.held_out or data.held_out
            parts: _Sets = {"train": [], "dev": [], "test": []}
            for row in sampled(read_tsv(tsv, folder, data.max_malformed), tsv.limit):
                part = part_of(row, shares) if tsv.part == "split" else tsv.part
                parts[part].append(SentencePair(row.source, row.target))
            for part, pairs in parts.items():
                self._add(part, tsv.set_name, pairs, tsv.weight)
            self._hash(tsv.path)
        for text in data.text:
            rows = sampled(read_text(text, folder, data.max_malformed), text.limit)
            pairs = [SentencePair(row.source, row.target) for row in rows]
            self._add(text.part, text.set_name, pairs, text.weight)
            self._hash(text.source_path, text.target_path)
        for gold in data.gold:
            self._add(gold.part, gold.set_name, read_gold(gold, folder, data.max_malformed))
            self._hash(gold.path)
        if data.alignments is not None:
            self._hash(data.alignments)

    def _embedded(self) -> None:
        if (embedded := self._data.embedded) is None:
            return
        for part in ("train", "dev", "test"):
            drawn = passages(part, getattr(embedded, part), embedded.seed, embedded.longest)
            pairs = [
                SentencePair(pair.source, pair.target, GoldAlignment(pair.sure, pair.possible))
                for pair in drawn
            ]
            self._add(part, "embedded", pairs)
            if part == "train":
                lines = (pair.source + "\t" + pair.target for pair in drawn)
                self.hashes["embedded"] = _digest(lines)

    def _add(self, part: str, name: str, pairs: list[SentencePair], weight: float = 1) -> None:
        if part == "train":
            self.train.append((weight, pairs))
        elif pairs:
            sets = self.dev if part == "dev" else self.test
            sets.setdefault(name, []).extend(pairs)

    def _hash(self, *paths: Path) -> None:
        for path in paths:
            if str(path) not in self.hashes:
                self.hashes[str(path)] = sha256(self._folder / path)


def _aligned(pair: SentencePair, alignments: dict[tuple[str, str], Links]) -> SentencePair:
    """Add known links to a pair that has none."""
    links = alignments.get((pair.source, pair.target))
    if links is None or pair.alignment is not None:
        return pair
    return replace(pair, alignment=GoldAlignment(links, links))


def _weighted(pairs: list[SentencePair], weight: float) -> list[SentencePair]:
    """Copy each pair `weight` times on average; the number depends on the pair alone."""
    whole, fraction = divmod(weight, 1)
    return [
        pair
        for pair in pairs
        for _ in range(int(whole) + (share(f"{pair.source}\t{pair.target}") < fraction))
    ]


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
