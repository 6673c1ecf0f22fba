"""Lines of standard input, each translated by itself."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from jumok.cli.in_order import LineJob
from jumok.cli.line_work import with_patience, work_through
from jumok.cli.lines import read_lines
from jumok.cli.output import Output
from jumok.cli.streams import standard_input
from jumok.client.errors import InvalidRequest
from jumok.client.events import Event


def translate_lines(
    events: Callable[[str], Iterator[Event]],
    show: Callable[[str, int | None, Iterable[Event]], None],
    output: Output,
    *,
    command: str,
    patience: float,
    live: bool,
) -> None:
    """Translate standard input.

    Args:
        events: asks the server for a translation.
        show: writes the translation of a text, given the number of its line.
        output: writes the rest.
        command: the subcommand, for messages.
        patience: seconds for which a line is sent again while the server cannot take it.
        live: whether a line is written as it comes; otherwise when it is complete, so that a lost
            connection can be retried.

    Raises:
        typer.Exit: with status 1, at the end if a line was refused; see `work_through`.
    """

    def jobs() -> Iterator[LineJob[str | InvalidRequest, Event]]:
        for number, line in read_lines(standard_input()):
            if isinstance(line, InvalidRequest) or not line.strip():
                yield LineJob(number, line, tuple)
            else:
                call = partial(events, line) if live else partial(_all, events, line)
                yield LineJob(number, line, partial(with_patience, call, patience))

    def show_line(number: int, text: str, answer: Iterator[Event]) -> None:
        if text.strip():
            show(text, number, answer)
        else:
            output.blank()

    work_through(jobs(), show_line, output.refused, command=command)


def _all(events: Callable[[str], Iterator[Event]], text: str) -> list[Event]:
    return list(events(text))
