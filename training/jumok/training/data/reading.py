"""Read the files of a configuration and divide their pairs into parts."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jumok.bundle.languages import primary_language
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.training.data.configuration import DataConfiguration
from jumok.training.data.held_out import part_of, sampled
from jumok.training.data.lines import sha256
from jumok.training.data.numbers import number_pairs
from jumok.training.data.parallel_text import read_text, read_tsv
from jumok.training.data.word_alignments import read_gold
from jumok.training.embedded.corpus import passages

Sets = dict[str, list[SentencePair]]
"""Pairs by the name of their set."""

EMBEDDED: Final = "embedded"
"""Name of the sets of the embedded grammar."""


@dataclass(frozen=True, slots=True)
class TrainingFile:
    """The training pairs of one file.

    Attributes:
        pairs: the pairs, each once.
        weight: average number of copies of a pair.
        final: whether they are trained on in the last steps.
    """

    pairs: list[SentencePair]
    weight: float = 1
    final: bool = False


class Reading:
    """The pairs of all files by part, before any are removed.

    Attributes:
        train: training pairs by file, in the order of the configuration.
        dev: development sets by name.
        test: test sets by name.
        hashes: SHA-256 of each file by its path as configured, and of generated training data.
    """

    def __init__(self, data: DataConfiguration, folder: Path) -> None:
        """Read the files.

        Args:
            data: the `[data]` table.
            folder: folder that relative paths are relative to.

        Raises:
            DataError: a file cannot be read.
        """
        self._data, self._folder = data, folder
        self.train: list[TrainingFile] = []
        self.dev: Sets = {}
        self.test: Sets = {}
        self.hashes: dict[str, str] = {}
        self._embedded()
        if data.numbers is not None:
            language = primary_language(data.source_language)
            pairs = number_pairs(language, data.numbers.train, data.numbers.seed)
            self._add("train", "numbers", pairs)
            self.hashes["numbers"] = _digest(f"{pair.source}\t{pair.target}" for pair in pairs)
        for tsv in data.tsv:
            shares = tsv.held_out or data.held_out
            parts: Sets = {"train": [], "dev": [], "test": []}
            for row in sampled(read_tsv(tsv, folder, data.max_malformed), tsv.limit):
                part = part_of(row, shares) if tsv.part == "split" else tsv.part
                parts[part].append(
                    SentencePair(
                        row.source,
                        row.target,
                        references=row.references,
                        back_translated=tsv.back_translated,
                    )
                )
            for part, pairs in parts.items():
                self._add(part, tsv.set_name, pairs, tsv.weight, tsv.final)
            self._hash(tsv.path)
        for text in data.text:
            rows = sampled(read_text(text, folder, data.max_malformed), text.limit)
            pairs = [
                SentencePair(row.source, row.target, back_translated=text.back_translated)
                for row in rows
            ]
            self._add(text.part, text.set_name, pairs, text.weight, text.final)
            self._hash(text.source_path, text.target_path)
        for gold in data.gold:
            self._add(gold.part, gold.set_name, read_gold(gold, folder, data.max_malformed))
            self._hash(gold.path)
        if data.alignments is not None:
            self._hash(data.alignments)
        if data.variants.names is not None:
            self._hash(data.variants.names)

    def _embedded(self) -> None:
        if (embedded := self._data.embedded) is None:
            return
        for part in ("train", "dev", "test"):
            drawn = passages(part, getattr(embedded, part), embedded.seed, embedded.longest)
            pairs = [
                SentencePair(pair.source, pair.target, GoldAlignment(pair.sure, pair.possible))
                for pair in drawn
            ]
            self._add(part, EMBEDDED, pairs)
            if part == "train":
                lines = (pair.source + "\t" + pair.target for pair in drawn)
                self.hashes[EMBEDDED] = _digest(lines)

    def _add(
        self,
        part: str,
        name: str,
        pairs: list[SentencePair],
        weight: float = 1,
        final: bool = False,
    ) -> None:
        if part == "train":
            self.train.append(TrainingFile(pairs, weight, final))
        elif pairs:
            sets = self.dev if part == "dev" else self.test
            sets.setdefault(name, []).extend(pairs)

    def _hash(self, *paths: Path) -> None:
        for path in paths:
            if str(path) not in self.hashes:
                self.hashes[str(path)] = sha256(self._folder / path)


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
