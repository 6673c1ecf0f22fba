"""`jumok compare`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jumok.evaluation.comparison import Comparison, check_same_data, compare
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.figures import title
from jumok.evaluation.length_picture import draw_lengths
from jumok.evaluation.report import Report, read_report
from jumok.evaluation.terminal import stdout
from jumok.pictures.errors import FontError
from jumok.pictures.font import missing_sentence

USER_ERRORS = (EvaluationError, FontError, OSError)

_PICTURES = (".png", ".svg", ".pdf")


def run(
    reports: Annotated[
        list[Path],
        typer.Argument(help="Two or more report.json files of the same data, baseline first."),
    ],
    plot: Annotated[
        Path | None, typer.Option(help="Plot BLEU by source length (.png, .svg, .pdf).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--json", help="Write all figures to this file.")
    ] = None,
) -> None:
    """Compare systems on the same test sets.

    Computes p-values of BLEU and chrF by paired bootstrap resampling. Each report is compared with
    the first.
    """
    if len(reports) < 2:
        raise EvaluationError("one report is not enough to compare: name two or more report.json")
    if plot is not None and plot.suffix.lower() not in _PICTURES:
        raise EvaluationError(f"{plot}: choose a name that ends in {', '.join(_PICTURES)}")
    loaded = [read_report(path) for path in reports]
    check_same_data(loaded)
    baseline, *systems = loaded
    console = stdout()
    _introduce(console, "baseline", baseline, reports[0])
    figures = []
    for path, system in zip(reports[1:], systems, strict=True):
        console.print()
        _introduce(console, "system", system, path)
        comparisons = compare(baseline, system)
        _show(console, comparisons)
        figures.append({"report": str(path), "sets": [asdict(found) for found in comparisons]})
    if output is not None:
        content = {"baseline": str(reports[0]), "systems": figures}
        output.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if plot is not None:
        drawn, missing = _plot(loaded, plot)
        if missing:
            typer.echo(f"jumok compare: {missing_sentence(missing)}", err=True)
        for path in drawn:
            typer.echo(path)


def _introduce(console: Console, role: str, report: Report, path: Path) -> None:
    options = f"beam {report.options.beam}, length penalty {report.options.length_penalty:g}"
    console.print(f"[bold]{role:8}[/]  {escape(title(report.system))}", soft_wrap=True)
    console.print(f"          {escape(str(path))}, {options}", style="dim", soft_wrap=True)


def _show(console: Console, comparisons: Sequence[Comparison]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("set", "metric"):
        table.add_column(heading, no_wrap=True)
    for heading in ("baseline", "system", "difference", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("sentences by chrF")
    for found in comparisons:
        for difference in found.differences:
            certain = difference.p_value < 0.05
            table.add_row(
                escape(found.name),
                difference.metric,
                f"{difference.baseline:.2f}",
                f"{difference.system:.2f}",
                f"{difference.system - difference.baseline:+.2f}",
                f"[bold]{difference.p_value:.3f}[/]" if certain else f"{difference.p_value:.3f}",
                f"{found.better:,} better, {found.worse:,} worse of {found.sentences:,}",
            )
    console.print(table)
    for difference in comparisons[0].differences:
        console.print(difference.signature, style="dim")


def _plot(reports: Sequence[Report], path: Path) -> tuple[list[Path], set[str]]:
    """Plot each set; with several sets, file names are numbered.

    Returns:
        The files, and the characters that no installed font has.
    """
    drawn: list[Path] = []
    missing: set[str] = set()
    names = _names(reports)
    for number in range(len(reports[0].sets)):
        several = len(reports[0].sets) > 1
        drawn.append(path.with_stem(f"{path.stem}-{number + 1}") if several else path)
        scores = (report.sets[number].by_length for report in reports)
        missing |= draw_lengths(dict(zip(names, scores, strict=True)), drawn[-1])
    return drawn, missing


def _names(reports: Sequence[Report]) -> list[str]:
    """Return short names of the systems that are all different."""
    for names in (
        [report.system.name for report in reports],
        [Path(report.system.path).name for report in reports],
        [f"{Path(report.system.path).name}, beam {report.options.beam}" for report in reports],
    ):
        if len(set(names)) == len(names):
            return names
    return [f"{number}: {name}" for number, name in enumerate(names, start=1)]
