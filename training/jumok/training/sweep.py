"""A sweep: trainings that differ in a few keys of one configuration, and their scores."""

import itertools
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from jumok.evaluation.scoring.batch_translator import BatchTranslator
from jumok.evaluation.scoring.scores import evaluate
from jumok.training.checkpoint import load_checkpoint
from jumok.training.configuration import Configuration
from jumok.training.data.corpus import load_corpus
from jumok.training.errors import ConfigurationError
from jumok.training.network.torch_model import TorchModel
from jumok.training.toml_file import Frozen, read_toml, validated
from jumok.training.trainer import train

_RESULT = "sweep-cell.json"

Changes = dict[str, Any]
"""Values by dotted key, such as {"model.score": "dot"}; array entries by index, from 0."""


class SweepFile(Frozen):
    """The content of a sweep's TOML file."""

    base: Path = Field(description="base configuration, relative to this file")
    beam: int = Field(5, ge=1, description="beam width on the test sets")
    grid: dict[str, list[Any]] = Field(
        {}, description="values by key; all combinations are trained"
    )
    cells: list[Changes] = Field([], description="further combinations; the key `name` names one")


class Cell(NamedTuple):
    """One training of a sweep.

    Attributes:
        name: name of its run folder.
        changes: changes to the base configuration.
        configuration: the resulting configuration.
    """

    name: str
    changes: Changes
    configuration: Configuration


class Score(Frozen):
    """Scores of a cell on one test set."""

    bleu: float
    bleu_lowercased: float
    chrf: float
    exact: float
    aer: dict[str, float] = Field(description="by alignment rule; empty without gold links")


class CellResult(Frozen):
    """The result of a cell."""

    cell: str
    changes: Changes
    parameters: int
    steps: int
    seconds: float = Field(description="time spent on steps, without evaluation and checkpoints")
    tokens: int = Field(description="tokens trained on, both sides")
    dev_bleu: float = Field(description="best BLEU on the development set, greedy")
    tests: dict[str, Score]


def load_sweep(path: Path) -> tuple[SweepFile, list[Cell]]:
    """Read a sweep and validate the configurations of all its cells.

    Raises:
        ConfigurationError: the sweep or a cell is invalid.
    """
    sweep = validated(SweepFile, read_toml(path), path)
    base_path = path.parent / sweep.base
    base = read_toml(base_path)
    grid = itertools.product(*sweep.grid.values()) if sweep.grid else ()
    combinations = [dict(zip(sweep.grid, values, strict=True)) for values in grid]
    cells: dict[str, Cell] = {}
    for named in combinations + sweep.cells:
        changes = {key: value for key, value in named.items() if key != "name"}
        name = _name(named)
        if name in cells:
            raise ConfigurationError(
                f"{path}: two cells are named {name}: give one of them another `name`"
            )
        cells[name] = Cell(name, changes, validated(Configuration, _changed(base, changes), path))
    if not cells:
        raise ConfigurationError(f"{path} has no cells: add a [grid] or [[cells]]")
    return sweep, list(cells.values())


def run_sweep(path: Path, output: Path, say: Callable[[str], None]) -> list[CellResult] | None:
    """Train and evaluate the cells of a sweep one after another.

    Args:
        path: the TOML file.
        output: folder of the runs, one for each cell. Finished cells are not trained again.
        say: called with progress messages.

    Returns:
        A result for each cell; None if the user interrupted a training.

    Raises:
        TrainingError: a cell cannot be trained.
    """
    sweep, cells = load_sweep(path)
    folder = (path.parent / sweep.base).parent
    results = []
    for number, cell in enumerate(cells, start=1):
        run = output / cell.name
        say(f"[{number}/{len(cells)}] {cell.name}")
        found = _known(run / _RESULT, cell)
        if found is None:
            if train(cell.configuration, folder, run).interrupted:
                return None
            found = _evaluate(cell, folder, run, sweep.beam)
            (run / _RESULT).write_text(found.model_dump_json(indent=1) + "\n", "utf-8")
        results.append(found)
    return results


def _evaluate(cell: Cell, folder: Path, run: Path, beam: int) -> CellResult:
    best, latest = load_checkpoint(run, "best"), load_checkpoint(run, "latest").progress
    model = best.build_model()
    longest = best.configuration.limits.max_target_tokens
    translator = BatchTranslator(TorchModel(model), best.source, best.target, longest)
    tests = {}
    for name, pairs in load_corpus(cell.configuration.data, folder).test_sets.items():
        evaluation = evaluate(translator, pairs, cell.configuration.data.target_language, beam)
        text = evaluation.text
        tests[name] = Score(
            bleu=text.bleu,
            bleu_lowercased=text.bleu_lowercased,
            chrf=text.chrf,
            exact=text.exact,
            aer={rule: score.error_rate for rule, score in evaluation.alignment.items()},
        )
    return CellResult(
        cell=cell.name,
        changes=cell.changes,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        steps=latest.step,
        seconds=latest.seconds,
        tokens=latest.tokens,
        dev_bleu=latest.best_bleu,
        tests=tests,
    )


def _known(path: Path, cell: Cell) -> CellResult | None:
    """Read the result of a finished cell; None if it is missing, damaged or of other changes."""
    try:
        found = CellResult.model_validate_json(path.read_text("utf-8"))
    except (OSError, ValidationError):
        return None
    return found if found.changes == cell.changes else None


def _changed(base: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    values = deepcopy(dict(base))
    for key, value in changes.items():
        *tables, last = key.split(".")
        table: Any = values
        for name in tables:
            if isinstance(table, list):
                if not (name.isdigit() and int(name) < len(table)):
                    raise ConfigurationError(f"{key}: the configuration has no such entry")
                table = table[int(name)]
            else:
                table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigurationError(f"{key}: the configuration has no such table")
        table[last] = value
    return values


def _name(changes: Changes) -> str:
    """Return the name of a cell, by default its changes, such as "score=dot,wiring=luong"."""
    parts = (f"{key.rsplit('.', 1)[-1]}={value}" for key, value in changes.items())
    name = str(changes.get("name", ",".join(parts)))
    return re.sub(r"[^A-Za-z0-9=,._-]+", "-", name) or "base"
