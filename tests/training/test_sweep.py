"""`jumok sweep`: variants of one configuration, trained and compared."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from jumok.cli.command import main
from jumok.training.checkpoint import load_checkpoint
from jumok.training.errors import ConfigurationError
from jumok.training.sweep import load_sweep, run_sweep

Toy = Callable[..., Path]


def write(toy: Toy, text: str) -> Path:
    """Write a sweep of the toy configuration, with its development file also as test set."""
    base = toy(steps=4, evaluate_every=2)
    test = '[[data.tsv]]\npath = "test.tsv"\npart = "test"\n'
    (base.parent / "test.tsv").write_text("나는 책을\tI books\n우리는 물을\twe water\n", "utf-8")
    base.write_text(base.read_text("utf-8").replace("[tokenization]", test + "[tokenization]"))
    path = base.parent / "variants.toml"
    path.write_text('base = "toy.toml"\nbeam = 2\n' + text, "utf-8")
    return path


def test_cells(toy: Toy) -> None:
    """A grid gives all combinations, cells follow, and all have different names."""
    text = """
[grid]
"model.wiring" = ["luong", "bahdanau"]
"training.seed" = [1, 2]
[[cells]]
"model.cell" = "lstm"
"data.tsv.0.weight" = 2.0
[[cells]]
name = "the test set's weight"
"data.tsv.1.weight" = 2.0
"""
    sweep, cells = load_sweep(write(toy, text))
    assert sweep.beam == 2
    assert [(cell.configuration.model.wiring, cell.configuration.training.seed) for cell in cells][
        :4
    ] == [("luong", 1), ("luong", 2), ("bahdanau", 1), ("bahdanau", 2)]
    last = cells[4].configuration
    assert (last.model.cell, last.data.tsv[0].weight, last.data.tsv[1].weight) == ("lstm", 2, 1)
    assert [cell.name for cell in cells] == [
        "wiring=luong,seed=1",
        "wiring=luong,seed=2",
        "wiring=bahdanau,seed=1",
        "wiring=bahdanau,seed=2",
        "cell=lstm,weight=2.0",
        "the-test-set-s-weight",
    ]
    assert cells[5].configuration.name == last.name


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no cells"),
        ('[grid]\n"model.size" = [1]', "model.size is not a known key"),
        (
            '[grid]\n"data.tsv.7.weight" = [1]',
            "data.tsv.7.weight: the configuration has no such entry",
        ),
        ('[grid]\n"name.first" = [1]', "name.first: the configuration has no such table"),
        (
            '[[cells]]\n"data.tsv.0.weight" = 2\n[[cells]]\n"data.tsv.1.weight" = 2',
            "give one of them another `na",
        ),
        ("[grids]", "grids is not a known key"),
    ],
)
def test_refused(toy: Toy, text: str, complaint: str) -> None:
    """An error in any cell is reported before the first is trained."""
    with pytest.raises(ConfigurationError, match=complaint):
        load_sweep(write(toy, text))


def test_run(toy: Toy, tmp_path: Path) -> None:
    """Each cell is trained and scored on each test set; finished cells are not repeated."""
    path = write(toy, '[grid]\n"model.wiring" = ["luong", "conditional"]')
    said: list[str] = []
    results = run_sweep(path, tmp_path / "out", said.append)
    assert results is not None
    assert said == ["[1/2] wiring=luong", "[2/2] wiring=conditional"]
    for result, wiring in zip(results, ("luong", "conditional"), strict=True):
        checkpoint = load_checkpoint(tmp_path / "out" / f"wiring={wiring}")
        assert checkpoint.configuration.model.wiring == wiring
        assert result.changes == {"model.wiring": wiring}
        assert result.parameters == sum(w.numel() for w in checkpoint.model.values())
        assert (result.steps, result.tokens > 0, result.seconds > 0) == (4, True, True)
        assert list(result.tests) == ["test"]
    assert results[0].parameters < results[1].parameters
    before = (tmp_path / "out" / "wiring=luong" / "checkpoints.json").stat().st_mtime_ns
    assert run_sweep(path, tmp_path / "out", said.append) == results
    assert (tmp_path / "out" / "wiring=luong" / "checkpoints.json").stat().st_mtime_ns == before


def test_command(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints a table, best cell first, and writes it as Markdown and JSON."""
    path = write(toy, '[grid]\n"training.seed" = [1, 2]')
    with pytest.raises(SystemExit) as ended:
        main(["sweep", str(path), "--output", str(tmp_path / "out")])
    assert ended.value.code == 0
    figures = json.loads((tmp_path / "out" / "sweep.json").read_text("utf-8"))
    assert [cell["changes"] for cell in figures] == [{"training.seed": 1}, {"training.seed": 2}]
    table = (tmp_path / "out" / "sweep.md").read_text("utf-8").splitlines()
    assert table[0].startswith("| cell | parameters | minutes | tokens/s | dev BLEU | test BLEU |")
    assert len(table) == 4
    shown = capsys.readouterr().out
    for cell in figures:
        assert re.search(rf"{cell['cell']} +{cell['dev_bleu']:.2f}", shown)
