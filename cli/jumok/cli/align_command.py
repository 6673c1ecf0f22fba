"""`jumok align`: align the words of a text and its translation, and score the translation."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from jumok.cli.align_output import AlignedText, AlignOutput, PharaohOutput
from jumok.cli.connection import (
    LOCAL,
    Connection,
    ModelName,
    SourceLanguage,
    TargetLanguage,
    Timeout,
    connects,
)
from jumok.cli.in_order import LineJob
from jumok.cli.line_work import with_patience, work_through
from jumok.cli.lines import Line, UnequalFilesError, read_pairs
from jumok.cli.output import JsonOutput
from jumok.cli.picture import PicturePath, draw_picture
from jumok.cli.streams import standard_input
from jumok.client.aligned import Aligned
from jumok.client.errors import ClientError, InvalidRequest
from jumok.client.requests import AlignmentRule, Attention
from jumok.pictures.errors import FontError

USER_ERRORS: tuple[type[Exception], ...] = (ClientError, FontError, OSError, UnequalFilesError)

_NAME = "align"
_STANDARD_INPUT = Path("-")

Pair = tuple[str, str]


class AlignmentFormat(StrEnum):
    """How to write a pair."""

    TEXT = "text"
    PHARAOH = "pharaoh"
    JSON = "json"


class Rule(StrEnum):
    """How to read links off the attention."""

    WRITES = "writes"
    READS = "reads"
    POSTERIOR = "posterior"


@connects
def run(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="The text.", show_default=False)
    ] = None,
    target: Annotated[
        str | None, typer.Argument(metavar="TARGET", help="Its translation.", show_default=False)
    ] = None,
    source_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File of texts, one per line, instead of SOURCE; - for standard input.",
        ),
    ] = None,
    target_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File of translations, one per line, instead of TARGET; - for standard input.",
        ),
    ] = None,
    connection: Connection = LOCAL,
    model: ModelName = "",
    source_language: SourceLanguage = "",
    target_language: TargetLanguage = "",
    rule: Annotated[
        Rule | None,
        typer.Option(
            help="Derive links from the attention of the steps that emit a word (writes), of those "
            "that read it (reads), or from posterior attention.  Default: the model's rule."
        ),
    ] = None,
    format_: Annotated[
        AlignmentFormat | None,
        typer.Option(
            "--format",
            help="text; pharaoh, links such as 0-0 1-2; or json, everything.  Default: text for a "
            "pair, pharaoh for files.",
        ),
    ] = None,
    attention: Annotated[
        bool | None,
        typer.Option(
            "--attention/--no-attention",
            help="Draw the attention below, in text; with json, send it.  Default: with json, and "
            "for one pair in a terminal.",
        ),
    ] = None,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Draw attention between tokens instead of words.")
    ] = False,
    heatmap: PicturePath = None,
    timeout: Timeout = 60.0,
) -> None:
    """Align the words of a text and its translation, and score the translation.

    With files, each pair of lines gives one line of output. A refused pair gives an empty line and
    a message, and the exit status is 1.
    """
    pair, files = _asked(source, target, source_file, target_file)
    format_ = format_ or (AlignmentFormat.TEXT if pair else AlignmentFormat.PHARAOH)
    draw = attention if attention is not None else pair is not None and sys.stdout.isatty()
    output: AlignOutput = PharaohOutput()
    if format_ is AlignmentFormat.TEXT:
        output = AlignedText(heat_map=draw, tokens=tokens)
    elif format_ is AlignmentFormat.JSON:
        draw, output = attention is not False, JsonOutput()
    elif attention:
        raise typer.BadParameter("pharaoh has links alone", param_hint="--attention")
    wanted: Attention = (
        "dense" if heatmap or (draw and format_ is not AlignmentFormat.PHARAOH) else "none"
    )
    named: AlignmentRule | None = rule.value if rule else None

    connection.await_start(timeout)
    with connection.client(timeout) as client, ExitStack() as opened:

        def align(pair: Pair) -> Iterator[Aligned]:
            yield client.align(
                *pair,
                model=model,
                source_language=source_language,
                target_language=target_language,
                rule=named,
                attention=wanted,
            )

        def show(line: int | None, answer: Iterator[Aligned]) -> None:
            for aligned in answer:
                output.aligned(aligned, line)
                if heatmap is not None:
                    draw_picture(aligned, heatmap, command=_NAME, line=line, tokens=tokens)

        if pair is not None:
            try:
                show(None, align(pair))
            except ClientError as error:
                output.refused(error, None)
                raise
        else:
            streams = [_open(path, opened) for path in files]
            _align_lines(streams[0], streams[1], align, show, output, patience=timeout)


def _asked(
    source: str | None, target: str | None, source_file: Path | None, target_file: Path | None
) -> tuple[Pair | None, tuple[Path, ...]]:
    """One pair, or two files; typer.BadParameter for anything between."""
    if source_file is None and target_file is None:
        if source is None or target is None:
            raise typer.BadParameter("give SOURCE and TARGET, or --source-file and --target-file")
        return (source, target), ()
    if source_file is None or target_file is None:
        raise typer.BadParameter("--source-file and --target-file need each other")
    if source is not None:
        raise typer.BadParameter("give SOURCE and TARGET or files, not both")
    if source_file == target_file == _STANDARD_INPUT:
        raise typer.BadParameter("only one of the files can be standard input")
    return None, (source_file, target_file)


def _open(path: Path, opened: ExitStack) -> BinaryIO:
    return standard_input() if path == _STANDARD_INPUT else opened.enter_context(path.open("rb"))


def _align_lines(
    sources: BinaryIO,
    targets: BinaryIO,
    align: Callable[[Pair], Iterator[Aligned]],
    show: Callable[[int, Iterator[Aligned]], None],
    output: AlignOutput,
    *,
    patience: float,
) -> None:
    """Align line by line; raise Exit(1) at the end if a pair was refused."""

    def jobs() -> Iterator[LineJob[Pair | InvalidRequest, Aligned]]:
        for number, source, target in read_pairs(sources, targets):
            pair = _pair(source, target)
            if isinstance(pair, InvalidRequest) or not any(pair):
                yield LineJob(number, pair, tuple)
            else:
                call = partial(align, pair)
                yield LineJob(number, pair, partial(with_patience, call, patience))

    def show_line(number: int, pair: Pair, answer: Iterator[Aligned]) -> None:
        if any(pair):
            show(number, answer)
        else:
            output.blank()

    work_through(jobs(), show_line, output.refused, command=_NAME)


def _pair(source: Line, target: Line) -> Pair | InvalidRequest:
    """The pair, two empty texts where both lines are blank, or why there is none."""
    if isinstance(source, InvalidRequest):
        return source
    if isinstance(target, InvalidRequest):
        return target
    blank = [not line.strip() for line in (source, target)]
    if all(blank):
        return "", ""
    if any(blank):
        empty, other = ("source", "target") if blank[0] else ("target", "source")
        description = f"the line is empty where the {other} has text"
        return InvalidRequest(f"{empty}: {description}", field=empty, description=description)
    return source, target
