"""Reports in the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jumok.evaluation.extremes import Extremes
from jumok.evaluation.figures import count, figures, title
from jumok.evaluation.report import LengthScore, Report, ScoredSentence, SetReport

_WIDTH = 100
_BAR = 30  # width in characters of the bar for BLEU 100


def stdout() -> Console:
    """Return a console for standard output; if redirected, wide enough for sacreBLEU signatures."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    return console


def show(console: Console, report: Report, examples: int) -> None:
    """Print a report with `examples` best and `examples` worst translations of each set."""
    options = report.options
    console.print(f"[bold]{escape(title(report.system))}[/]")
    limit = "" if options.limit is None else f", the first {options.limit} sentences"
    console.print(
        f"{escape(report.data)}, {report.part}{limit}; beam {options.beam}, "
        f"length penalty {options.length_penalty:g}",
        style="dim",
    )
    for found in report.sets:
        console.print()
        console.print(f"[bold]{escape(found.name)}[/]  {count(found.sentences)}")
        console.print(_figures(found))
        if len(found.by_length) > 1:
            console.print()
            console.print(_by_length(found.by_length))
        extremes = Extremes.of(found.translations, examples)
        _sentences(console, "Worst by chrF", extremes.worst)
        _sentences(console, "Best by chrF", extremes.best)


def _figures(found: SetReport) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True, style="bold")
    table.add_column(style="dim", overflow="fold")
    for label, value, note in figures(found):
        table.add_row(label, value, escape(note))
    return table


def _by_length(scores: Sequence[LengthScore]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("source words", no_wrap=True)
    table.add_column("sentences", justify="right")
    table.add_column("BLEU", justify="right", style="bold")
    table.add_column("95% interval", no_wrap=True)
    table.add_column("")
    for score in scores:
        table.add_row(
            score.label,
            f"{score.sentences:,}",
            f"{score.bleu:.1f}",
            f"{score.interval.low:.1f}–{score.interval.high:.1f}",
            "█" * round(score.bleu * _BAR / 100),
        )
    return table


def _sentences(console: Console, heading: str, sentences: Sequence[ScoredSentence]) -> None:
    if not sentences:
        return
    console.print(f"\n[bold]{heading}[/]")
    for number, sentence in enumerate(sentences):
        if number:
            console.print()
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("source", escape(sentence.source))
        table.add_row("reference", escape(sentence.reference))
        table.add_row(f"{sentence.chrf:.1f}", escape(sentence.hypothesis) or "[dim](nothing)[/]")
        console.print(table)
