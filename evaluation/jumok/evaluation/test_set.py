"""The sentence pairs that a system is measured on."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.data.configuration import DataConfiguration, TsvFile, load_data
from jumok.training.data.corpus import load_corpus
from jumok.training.data.parallel_text import read_tsv

Part = Literal["dev", "test"]

_MAX_MALFORMED = 0.01


@dataclass(frozen=True, slots=True)
class TestSet:
    """Sentence pairs that belong together.

    Attributes:
        name: as configured; that of the file up to a full stop where it is a file alone.
        pairs: sentences, their references, and gold links where there are any.
    """

    __test__ = False  # which pytest would take it for

    name: str
    pairs: list[SentencePair]


@dataclass(frozen=True, slots=True)
class TestData:
    """Test sets and what they are in.

    Attributes:
        sets: one at least, none of them empty.
        languages: BCP 47 tags of source and target; none where nobody says so.
    """

    __test__ = False

    sets: tuple[TestSet, ...]
    languages: tuple[str, str] | None


def load_test_data(
    path: Path, part: Part = "test", names: Collection[str] = (), limit: int | None = None
) -> TestData:
    """Load test sets.

    Args:
        path: a configuration (.toml), of which the `[data]` table counts, or a file of
            tab-separated sources and targets (.tsv, .tsv.gz), which is one set.
        part: which sets of a configuration.
        names: which of these; all where empty.
        limit: the most sentences of a set, its first.

    Raises:
        EvaluationError: there is no such set.
        TrainingError: the configuration is wrong, or something cannot be read.
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
        raise EvaluationError(f"{path} gives no {part} pair")
    if missing := [name for name in names if name not in found]:
        raise EvaluationError(
            f"{path} has no {part} set {missing[0]!r}; there is {', '.join(found)}"
        )
    sets = tuple(TestSet(name, pairs) for name, pairs in chosen.items())
    return TestData(sets, languages)


def _without_training(data: DataConfiguration) -> DataConfiguration:
    """Leave out the files that test and development sets do not depend on."""
    return data.model_copy(
        update={
            "tsv": tuple(file for file in data.tsv if file.part != "train"),
            "text": tuple(file for file in data.text if file.part != "train"),
            "alignments": None,
        }
    )
