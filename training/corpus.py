"""A corpus: sentence pairs in three parts that share no sentence."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from training.data_configuration import Data, HeldOut
from training.embedded.corpus import pairs as embedded_pairs
from training.errors import DataError
from training.parallel_text import Row, read_text, read_tsv, sha256
from training.sentence_pair import GoldAlignment, SentencePair


@dataclass(frozen=True, slots=True)
class Corpus:
    """Sentence pairs to train on, to choose by, and to measure on.

    Attributes:
        hashes: sha256 of each file, or a description of the generator, by its name as configured.
        left_out: pairs left out because a side of them is held out for a later part.
    """

    train: list[SentencePair]
    dev: list[SentencePair]
    test: list[SentencePair]
    hashes: dict[str, str] = field(default_factory=dict)
    left_out: int = 0


def load_corpus(data: Data, folder: Path) -> Corpus:
    """Read all that the configuration names.

    A pair whose source or target is also in the test part is left out of the others, and one of
    the development part out of training; white space, case and Unicode form aside.

    Args:
        data: where pairs come from.
        folder: what relative paths are relative to.

    Raises:
        DataError: something cannot be read, or a part comes out empty.
    """
    parts: dict[str, list[SentencePair]] = {"train": [], "dev": [], "test": []}
    hashes = {}
    if (embedded := data.embedded) is not None:
        for part in ("train", "dev", "test"):
            for pair in embedded_pairs(part, getattr(embedded, part), embedded.seed):
                gold = GoldAlignment(pair.sure, pair.possible)
                parts[part].append(SentencePair(pair.source, pair.target, gold))
        hashes["embedded"] = _digest(pair.source + "\t" + pair.target for pair in parts["train"])
    for tsv in data.tsv:
        for row in read_tsv(tsv, folder, data.max_malformed):
            part = part_of(row, data.held_out) if tsv.part == "split" else tsv.part
            parts[part].append(SentencePair(row.source, row.target))
        hashes[str(tsv.path)] = sha256(folder / tsv.path)
    for text in data.text:
        for row in read_text(text, folder, data.max_malformed):
            parts[text.part].append(SentencePair(row.source, row.target))
        for path in (text.source_path, text.target_path):
            hashes[str(path)] = sha256(folder / path)
    dev = _without(parts["dev"], parts["test"])
    train = _without(parts["train"], dev + parts["test"])
    for name, pairs in (("training", train), ("development", dev)):
        if not pairs:
            raise DataError(f"the configuration gives no {name} pair")
    left_out = len(parts["train"]) + len(parts["dev"]) - len(train) - len(dev)
    return Corpus(train, dev, parts["test"], hashes, left_out)


def _without(pairs: list[SentencePair], held_out: list[SentencePair]) -> list[SentencePair]:
    """Leave out the pairs of which a side is held out."""
    sources = {_normalised(pair.source) for pair in held_out}
    targets = {_normalised(pair.target) for pair in held_out}
    return [
        pair
        for pair in pairs
        if _normalised(pair.source) not in sources and _normalised(pair.target) not in targets
    ]


def part_of(row: Row, held_out: HeldOut) -> str:
    """Decide by its group (its target where it has none) which part a row belongs to."""
    digest = hashlib.sha256((row.group or row.target).encode()).digest()
    place = int.from_bytes(digest[:8]) / 2**64
    if place < held_out.dev:
        return "dev"
    return "test" if place < held_out.dev + held_out.test else "train"


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
