"""Input lines, sent to the server concurrently; one that fails does not affect the others."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Final, TypeVar

import typer

from jumok.cli.in_order import LineJob, in_order
from jumok.client.errors import (
    Cancelled,
    ClientError,
    InvalidRequest,
    Overloaded,
    ServerError,
    Timeout,
    Unavailable,
)

K = TypeVar("K")
T = TypeVar("T")

AT_ONCE: Final = 32
"""Calls at the same time: they keep a server busy, and leave room for others."""

_RESTART_SECONDS: Final = 0.5  # between attempts to reach a server that is away


def work_through(
    jobs: Iterable[LineJob[K | InvalidRequest, T]],
    show: Callable[[int, K, Iterator[T]], None],
    refused: Callable[[ClientError, int], None],
    *,
    command: str,
) -> None:
    """Run a job for each line and show the results, in the order of the lines.

    Args:
        jobs: ask the server, or tell why a line cannot be asked for.
        show: takes a line's number, what was asked for, and the results as they come.
        refused: takes the error of a line, and its number.
        command: the subcommand, for messages.

    Raises:
        typer.Exit: with status 1, at the end if a line was refused; or at once, after an error that
            the other lines would meet too, such as a server that is gone: the message names the
            line to continue from.
        ClientError: such an error at the first line.
    """
    failed = False
    with closing(in_order(jobs, at_once=AT_ONCE)) as lines:
        for job, answer in lines:
            try:
                if isinstance(job.asked, InvalidRequest):
                    raise job.asked
                show(job.line, job.asked, answer)
            except ClientError as error:
                refused(error, job.line)
                if not concerns_one_line(error):
                    if job.line == 1:
                        raise
                    note(command, f"{error}; {_continue_from(job.line)}", job.line)
                    raise typer.Exit(1) from None
                note(command, str(error), job.line)
                failed = True
    if failed:
        raise typer.Exit(1)


def with_patience(call: Callable[[], Iterable[T]], patience: float) -> Iterator[T]:
    """Yield the results of a call, repeated for `patience` seconds while the server cannot take it.

    That is while it is full, or away for a restart. Once there are results, it is not repeated.
    """
    end = time.monotonic() + patience
    answered = False
    while True:
        try:
            for result in call():
                answered = True
                yield result
            return
        except (Cancelled, Overloaded, Unavailable) as error:  # a server that stops cancels calls
            # a server that is full and names no time may have refused for good
            pause = error.retry_after if isinstance(error, Overloaded) else _RESTART_SECONDS
            if answered or pause is None or time.monotonic() + pause > end:
                raise
            time.sleep(pause)


def note(command: str, sentence: str, line: int | None) -> None:
    """Write a message about a line to standard error, below what has been written."""
    place = "" if line is None else f"line {line}: "
    sys.stdout.flush()
    print(f"jumok {command}: {place}{sentence}", file=sys.stderr, flush=True)


def _continue_from(line: int) -> str:
    return f"the lines before it are done: continue with `tail -n +{line}` of the input"


def concerns_one_line(error: ClientError) -> bool:
    """Tell whether other texts may fare better."""
    match error:
        case InvalidRequest():
            return error.field in ("text", "source", "target")
        case _:
            return isinstance(error, Overloaded | ServerError | Timeout)
