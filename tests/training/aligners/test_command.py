import gzip
import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from jumok.training.aligners.__main__ import main
from jumok.training.data.word_alignments import read_alignments
from jumok.training.errors import AlignerError

_TOML = """\
name = "toy"
[data]
source_language = "de"
target_language = "en"
[[data.tsv]]
path = "train.tsv"
weight = 2
[tokenization]
vocabulary_size = 300
[training]
steps = 1
"""
_WORDS = ("--source-units", "words", "--target-units", "words")
_GOLD = """\
[[data.gold]]
name = "gold"
path = "gold.tsv"
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    (tmp_path / "train.tsv").write_text(
        "Das Haus\tThe house\nDas Buch.\tThe book.\nEin Buch\tA book\n", "utf-8"
    )
    (tmp_path / "gold.tsv").write_text("ein haus\ta house\t0-0 1-1\n", "utf-8")
    path = tmp_path / "toy.toml"
    head, _, tail = _TOML.partition("[tokenization]")
    path.write_text(f"{head}{_GOLD}[tokenization]{tail}", "utf-8")
    return path


def _run(*arguments: object) -> str:
    app = Typer()
    app.command()(main)
    result = CliRunner().invoke(
        app, [str(argument) for argument in arguments], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_each_aligner_is_scored_by_each_rule(configuration: Path, eflomal_folder: Path) -> None:
    """Both aligners are scored without and with the gold text, for four kinds of links."""
    figures = configuration.parent / "figures.json"
    table = _run(configuration, "--eflomal", eflomal_folder, *_WORDS, "--json", figures)
    report = json.loads(figures.read_text("utf-8"))
    assert report["pairs"] == 3
    assert len(report["rows"]) == 2 * 2 * 4
    assert all(row["set"] == "gold" for row in report["rows"])
    eflomal = [row for row in report["rows"] if row["aligner"] == "eflomal"]
    assert all(row["score"]["error_rate"] == 0 for row in eflomal)
    assert (
        "| gold | eflomal | pairs | words, words | intersection | 0.000 | 1.000 | 1.000 |" in table
    )


def test_what_is_written_can_be_trained_on(configuration: Path, eflomal_folder: Path) -> None:
    """Links between the words of the training pairs are written, each pair once."""
    path = configuration.parent / "deep" / "links.tsv.gz"
    figures = configuration.parent / "figures.json"
    _run(
        configuration,
        "--eflomal",
        eflomal_folder,
        *_WORDS,
        "--json",
        figures,
        "--no-ibm1",
        "--write",
        path,
    )
    assert read_alignments(path, 0) == {
        ("Das Haus", "The house"): {(0, 0), (1, 1)},
        ("Das Buch.", "The book."): {(0, 0), (1, 1)},
        ("Ein Buch", "A book"): {(0, 0), (1, 1)},
    }
    with gzip.open(path) as file:
        assert len(file.readlines()) == 3


def test_without_gold_links_there_is_nothing_to_measure(
    configuration: Path, eflomal_folder: Path
) -> None:
    """A configuration without gold links is refused unless links are to be written."""
    configuration.write_text(_TOML, "utf-8")
    with pytest.raises(AlignerError, match="no test pair with gold links"):
        main(configuration, eflomal_folder, configuration.parent / "figures.json")
