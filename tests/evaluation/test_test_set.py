"""Loading test sets."""

import gzip
from pathlib import Path

import pytest

from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.test_set import load_test_data
from jumok.training.errors import ConfigurationError, DataError

DATA = """\
[data]
source_language = "ko"
target_language = "en"
[[data.tsv]]
path = "not-there.tsv"
[[data.tsv]]
name = "easy"
path = "easy.tsv"
part = "test"
[[data.tsv]]
path = "hard.ko-en.tsv"
part = "test"
[[data.tsv]]
name = "dev"
path = "dev.tsv"
part = "dev"
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """Write a configuration that has only a [data] table."""
    for name in ("easy", "hard.ko-en", "dev"):
        lines = "".join(f"{name} {n}\t{name} t{n}\n" for n in range(5))
        (tmp_path / f"{name}.tsv").write_text(lines, "utf-8")
    path = tmp_path / "data.toml"
    path.write_text(DATA, "utf-8")
    return path


def test_all_sets(configuration: Path) -> None:
    """All sets of a part are loaded by name; training files are not read."""
    data = load_test_data(configuration)
    assert [(found.name, len(found.pairs)) for found in data.sets] == [("easy", 5), ("hard", 5)]
    assert data.languages == ("ko", "en")
    assert data.sets[0].pairs[1].source == "easy 1"
    assert data.sets[0].pairs[1].target == "easy t1"
    assert [found.name for found in load_test_data(configuration, "dev").sets] == ["dev"]


def test_chosen(configuration: Path) -> None:
    """Sets are selected by name, and sentences limited from the first."""
    data = load_test_data(configuration, names=["hard"], limit=2)
    assert [(found.name, len(found.pairs)) for found in data.sets] == [("hard", 2)]
    assert [pair.source for pair in data.sets[0].pairs] == ["hard.ko-en 0", "hard.ko-en 1"]


def test_tsv(tmp_path: Path) -> None:
    """A file of tab-separated text is one set, compressed or not."""
    (tmp_path / "a.tsv").write_text("나\tI\n", "utf-8")
    (tmp_path / "b.tsv.gz").write_bytes(gzip.compress("너\tyou\n".encode()))
    for name, source in (("a.tsv", "나"), ("b.tsv.gz", "너")):
        data = load_test_data(tmp_path / name)
        (found,) = data.sets
        assert (found.name, found.pairs[0].source) == (name[0], source)
        assert data.languages is None


def test_gold_links(tmp_path: Path) -> None:
    """Gold alignments are loaded with their sets."""
    (tmp_path / "gold.tsv").write_text("나 는\tI\t0-0\n", "utf-8")
    path = tmp_path / "data.toml"
    table = DATA[: DATA.index("[[")] + '[[data.gold]]\npath = "gold.tsv"\n'
    path.write_text(table, "utf-8")
    (found,) = load_test_data(path).sets
    assert found.pairs[0].alignment is not None
    assert found.pairs[0].alignment.sure == {(0, 0)}


def test_refused(configuration: Path) -> None:
    """The message names what is missing and what is available."""
    with pytest.raises(EvaluationError, match=r"no test set 'soft'; its sets are easy, hard$"):
        load_test_data(configuration, names=["soft"])
    configuration.write_text(DATA.replace('"test"', '"dev"'), "utf-8")
    with pytest.raises(EvaluationError, match=r"data\.toml has no test pairs; choose"):
        load_test_data(configuration)
    with pytest.raises(EvaluationError, match=r"dev\.txt is neither a configuration"):
        load_test_data(configuration.with_name("dev.txt"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_test_data(configuration.with_name("other.toml"))
    with pytest.raises(DataError, match="cannot be read"):
        load_test_data(configuration.with_name("other.tsv"))
