"""`jumok sweep`."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from jumok.training.errors import TrainingError
from jumok.training.sweep import CellResult, run_sweep

USER_ERRORS = (TrainingError, OSError)


def run(
    sweep: Annotated[Path, typer.Argument(help="TOML file with a base configuration and changes.")],
    output: Annotated[
        Path | None, typer.Option(help="Folder of the runs. [default: runs/NAME]")
    ] = None,
) -> None:
    """Train variants of one configuration and compare them in a table.

    Writes sweep.json and sweep.md. Ctrl-C saves a checkpoint and stops; run the same command again
    to resume.
    """
    logging.basicConfig(format="%(message)s")
    folder = output or Path("runs") / sweep.stem
    results = run_sweep(sweep, folder, lambda line: typer.echo(line, err=True))
    if results is None:
        typer.echo("stopped; run the same command again to resume", err=True)
        raise typer.Exit(130)
    ranked = sorted(results, key=lambda result: -result.dev_bleu)
    figures = [result.model_dump(mode="json") for result in results]
    (folder / "sweep.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (folder / "sweep.md").write_text(_markdown(ranked), "utf-8")
    Console().print(_table(ranked))
    typer.echo(f"all figures: {folder / 'sweep.md'}, {folder / 'sweep.json'}")


def _markdown(results: Sequence[CellResult]) -> str:
    """Format all figures as a Markdown table, one row for each cell."""
    header = ["cell", "parameters", "minutes", "tokens/s", "dev BLEU"]
    for name, score in results[0].tests.items():
        header += [f"{name} BLEU", "lower-cased", "chrF", *(["AER"] if score.aer else [])]
    lines = [header, ["---"] * len(header)]
    for result in results:
        row = [result.cell, f"{result.parameters / 1e6:.1f} M", f"{result.seconds / 60:.1f}"]
        row += [f"{result.tokens / result.seconds:,.0f}", f"{result.dev_bleu:.2f}"]
        for score in result.tests.values():
            row += [f"{figure:.2f}" for figure in (score.bleu, score.bleu_lowercased, score.chrf)]
            if score.aer:
                rule, error_rate = min(score.aer.items(), key=lambda item: item[1])
                row.append(f"{error_rate:.3f} ({rule})")
        lines.append(row)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _table(results: Sequence[CellResult]) -> Table:
    """Make a table narrow enough for a terminal: BLEU and AER of each test set."""
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0), caption="BLEU on each set")
    table.add_column("cell", overflow="fold")
    figures = ["development"]
    for name, score in results[0].tests.items():
        figures += [name, *(["AER"] if score.aer else [])]
    for figure in figures:
        table.add_column(figure, justify="right", overflow="fold", min_width=5)
    for result in results:
        row = [result.cell, f"{result.dev_bleu:.2f}"]
        for score in result.tests.values():
            row += [f"{score.bleu:.2f}", *([f"{min(score.aer.values()):.3f}"] if score.aer else [])]
        table.add_row(*row)
    return table
