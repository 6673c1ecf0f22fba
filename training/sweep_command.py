"""`jumok sweep`."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from training.errors import TrainingError
from training.sweep import CellResult, run_sweep

USER_ERRORS = (TrainingError, OSError)


def run(
    sweep: Annotated[Path, typer.Argument(help="TOML file: a base configuration, and changes.")],
    output: Annotated[
        Path | None, typer.Option(help="Folder of its runs. [default: runs/NAME]")
    ] = None,
) -> None:
    """Train variants of one configuration and compare them in a table.

    Writes sweep.json and sweep.md. Ctrl-C stops after a checkpoint; the same command goes on.
    """
    logging.basicConfig(format="%(message)s")
    folder = output or Path("runs") / sweep.stem
    results = run_sweep(sweep, folder, lambda line: typer.echo(line, err=True))
    if results is None:
        typer.echo("stopped; the same command goes on", err=True)
        raise typer.Exit(130)
    header, rows = _table(results)
    figures = [result.model_dump(mode="json") for result in results]
    (folder / "sweep.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    lines = [header, ["---"] * len(header), *rows]
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    (folder / "sweep.md").write_text(text, "utf-8")
    table = Table(*header)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _table(results: Sequence[CellResult]) -> tuple[list[str], list[list[str]]]:
    """Make a header and a row for each cell, best development BLEU first."""
    keys = list(dict.fromkeys(key for result in results for key in result.changes))
    header = [key.rsplit(".", 1)[-1] for key in keys]
    header += ["parameters", "minutes", "tokens/s", "dev BLEU"]
    for name, score in results[0].tests.items():
        header += [f"{name} BLEU", "lower-cased", "chrF", *(["AER"] if score.aer else [])]
    rows = []
    for result in sorted(results, key=lambda result: -result.dev_bleu):
        row = [str(result.changes.get(key, "")) for key in keys]
        row += [f"{result.parameters / 1e6:.1f} M", f"{result.seconds / 60:.1f}"]
        row += [f"{result.tokens / result.seconds:,.0f}", f"{result.dev_bleu:.2f}"]
        for score in result.tests.values():
            row += [f"{figure:.2f}" for figure in (score.bleu, score.bleu_lowercased, score.chrf)]
            if score.aer:
                rule, error_rate = min(score.aer.items(), key=lambda item: item[1])
                row.append(f"{error_rate:.3f} ({rule})")
        rows.append(row)
    return header, rows
