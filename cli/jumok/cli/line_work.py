"""Lines sent to the server many at once; one that fails leaves the others alone."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import TypeVar

import typer

from jumok.cli.in_order import Job, in_order
from jumok.client.errors import ClientError, InvalidRequest, Overloaded, ServerError, Timeout

K = TypeVar("K")
T = TypeVar("T")

_AT_ONCE = 32  # keeps a server busy, and leaves room for others


def work_through(
    jobs: Iterable[Job[K | InvalidRequest, T]],
    show: Callable[[int, K, Iterator[T]], None],
    refused: Callable[[ClientError, int], None],
    *,
    command: str,
) -> None:
    """Runs a job for each line and shows what they give, in the order of the lines.

    Args:
        jobs: What asks the server, or why a line cannot be asked for.
        show: Takes a line's number, what was asked for, and what comes back as it comes.
        refused: Takes the error of a line, and its number.
        command: The subcommand that says which line was refused, and why.

    Raises:
        typer.Exit: With status 1, at the end, if a line was refused.
        ClientError: One that the other lines would meet too, as no such model.
    """
    failed = False
    with closing(in_order(jobs, at_once=_AT_ONCE)) as lines:
        for job, answer in lines:
            try:
                if isinstance(job.asked, InvalidRequest):
                    raise job.asked
                show(job.line, job.asked, answer)
            except ClientError as error:
                refused(error, job.line)
                if not _concerns_one_line(error):
                    raise
                note(command, str(error), job.line)
                failed = True
    if failed:
        raise typer.Exit(1)


def when_there_is_room(call: Callable[[], Iterable[T]], patience: float) -> Iterator[T]:
    """Yields what a call gives, called again for `patience` seconds while the server is full."""
    end = time.monotonic() + patience
    while True:
        try:
            yield from call()
            return
        except Overloaded as error:
            # a server that names no time may have refused for good, a message too large, say
            if error.retry_after is None or time.monotonic() + error.retry_after > end:
                raise
            time.sleep(error.retry_after)


def note(command: str, sentence: str, line: int | None) -> None:
    """Says something of a line on standard error, below what has been written."""
    place = "" if line is None else f"line {line}: "
    sys.stdout.flush()
    print(f"jumok {command}: {place}{sentence}", file=sys.stderr, flush=True)


def _concerns_one_line(error: ClientError) -> bool:
    """Whether the next line may fare better."""
    match error:
        case InvalidRequest():
            return error.field in ("text", "source", "target")
        case _:
            return isinstance(error, Overloaded | ServerError | Timeout)
