"""Test sets."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.configuration import DataConfiguration, TsvFile, Variants, load_data
from jumok.training.data.corpus import load_corpus
from jumok.training.data.parallel_text import read_tsv

Part = Literal["dev", "test"]

_MAX_MALFORMED = 0.01


@dataclass(frozen=True, slots=True)
class TestSet:
    """A named set of sentence pairs.

    Attributes:
        name: as configured; for a single file, its name up to the first full stop.
        pairs: sentences, their references and, if available, gold links.
    """

    __test__ = False  # not a test class of pytest

    name: str
    pairs: list[SentencePair]


@dataclass(frozen=True, slots=True)
class TestData:
    """Test sets and their languages.

    Attributes:
        sets: at least one set; no set is empty.
        languages: BCP 47 tags of source and target; None if unknown.
    """

    __test__ = False

    sets: tuple[TestSet, ...]
    languages: tuple[str, str] | None


def load_test_data(
    path: Path, part: Part = "test", names: Collection[str] = (), limit: int | None = None
) -> TestData:
    """Load test sets.

    Args:
        path: a configuration (.toml), of which only the `[data]` table is read, or a file of
            tab-separated sources and targets (.tsv, .tsv.gz), which is a single set.
        part: the part of a configuration's data.
        names: names of the sets; empty for all.
        limit: maximum number of sentences of each set.

    Raises:
        EvaluationError: there is no such set.
        TrainingError: the configuration is invalid, or a file cannot be read.
    """
    if path.name.endswith((".tsv", ".tsv.gz")):
        file = TsvFile(path=Path(path.name))
        rows = read_tsv(file, path.parent, _MAX_MALFORMED)
        found = {file.set_name: [SentencePair(row.source, row.target) for row in rows]}
        languages = None
    elif path.suffix == ".toml":
        data = load_data(path)
        corpus = load_corpus(_without_training(data), path.parent)
        found = corpus.test_sets if part == "test" else corpus.dev_sets
        languages = (data.source_language, data.target_language)
    else:
        raise EvaluationError(
            f"{path} is neither a configuration (.toml) nor tab-separated text (.tsv, .tsv.gz)"
        )
    chosen = {name: pairs[:limit] for name, pairs in found.items() if not names or name in names}
    if not found:
        raise EvaluationError(f"{path} has no {part} pairs; choose other data or another --part")
    if missing := [name for name in names if name not in found]:
        raise EvaluationError(
            f"{path} has no {part} set {missing[0]!r}; its sets are {', '.join(found)}"
        )
    sets = tuple(TestSet(name, pairs) for name, pairs in chosen.items())
    return TestData(sets, languages)


def _without_training(data: DataConfiguration) -> DataConfiguration:
    """Remove what only training pairs depend on."""
    return data.model_copy(
        update={
            "tsv": tuple(file for file in data.tsv if file.part != "train"),
            "text": tuple(file for file in data.text if file.part != "train"),
            "alignments": None,
            "max_overlap": 1.0,
            "numbers": None,
            "variants": Variants(),
        }
    )
