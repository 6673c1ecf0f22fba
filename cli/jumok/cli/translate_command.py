"""`jumok translate`: a text, or each line of standard input, with its attention."""

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from jumok.cli import decoding_options as options
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
from jumok.cli.line_work import note, with_patience, work_through
from jumok.cli.lines import read_lines
from jumok.cli.output import JsonOutput, Output, TextOutput
from jumok.cli.picture import PicturePath, draw_picture
from jumok.cli.streams import standard_input
from jumok.client.errors import ClientError, InvalidRequest
from jumok.client.events import Event, FinishReason, WarningKind
from jumok.client.requests import Attention
from jumok.client.translation import Translation
from jumok.pictures.errors import FontError

USER_ERRORS: tuple[type[Exception], ...] = (ClientError, FontError, OSError)

_NAME = "translate"

_WARNINGS = {
    WarningKind.SCRIPT: "is not written in the script of the model's source language",
    WarningKind.REPETITION: "has a translation that repeats words, which may be wrong",
    WarningKind.UNATTENDED: "has words that got hardly any attention and may be missing",
    WarningKind.LENGTH: "has a translation of an unlikely length, which may be wrong",
}


class TranslationFormat(StrEnum):
    """How to write a translation."""

    TEXT = "text"
    JSON = "json"


class SegmentationMode(StrEnum):
    """How to divide a text."""

    SENTENCES = "sentences"
    NONE = "none"


@connects
def run(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT", help="What to translate; - for each line of standard input."
        ),
    ],
    connection: Connection = LOCAL,
    model: ModelName = "",
    source_language: SourceLanguage = "",
    target_language: TargetLanguage = "",
    format_: Annotated[
        TranslationFormat,
        typer.Option("--format", help="text, or json: each event as it arrives, one per line."),
    ] = TranslationFormat.TEXT,
    attention: Annotated[
        bool | None,
        typer.Option(
            "--attention/--no-attention",
            help="Draw the attention below the translation, or include it in the JSON.  Default: "
            "with json, and for one TEXT in a terminal.",
        ),
    ] = None,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Draw attention between tokens instead of words.")
    ] = False,
    heatmap: PicturePath = None,
    segmentation: Annotated[
        SegmentationMode,
        typer.Option(
            help="sentences: translate sentence by sentence, and keep line breaks and list "
            "markers.  none: translate the text as a single sentence."
        ),
    ] = SegmentationMode.SENTENCES,
    timeout: Timeout = 60.0,
    max_tokens: options.MaxTokens = None,
    min_tokens: options.MinTokens = None,
    prefix: options.Prefix = "",
    alternatives: options.Alternatives = 0,
    beam: options.Beam = None,
    hypotheses: options.Hypotheses = None,
    length_penalty: options.LengthPenalty = None,
    coverage_penalty: options.CoveragePenalty = None,
    provisional: options.Provisional = False,
    sample: options.Sample = False,
    temperature: options.Temperature = None,
    top_k: options.TopK = None,
    top_p: options.TopP = None,
    seed: options.Seed = None,
) -> None:
    """Translate a text and show the attention that produced each word.

    The translation is printed as it is produced. With - for TEXT, each line of standard input gives
    one line of output. A refused line gives an empty line and a message, and the exit status is 1.
    """
    decoding = options.decoding(
        max_tokens=max_tokens,
        min_tokens=min_tokens,
        prefix=prefix,
        beam=options.beam_search(
            beam,
            hypotheses=hypotheses,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            provisional=provisional,
        ),
        sampling=options.sampling(
            sample, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed
        ),
        alternatives=alternatives,
    )
    draw = attention if attention is not None else text != "-" and sys.stdout.isatty()
    output: Output = TextOutput(heat_map=draw, tokens=tokens, listed=hypotheses is not None)
    if format_ is TranslationFormat.JSON:
        draw, output = attention is not False, JsonOutput()
    wanted: Attention = "dense" if draw or heatmap else "none"

    connection.await_start(timeout)
    with connection.client(timeout) as client:

        def events(text: str) -> Iterator[Event]:
            return client.translate(
                text,
                model=model,
                source_language=source_language,
                target_language=target_language,
                decoding=decoding,
                attention=wanted,
                segmentation=segmentation.value,
            )

        def show(text: str, line: int | None, events: Iterable[Event]) -> None:
            translation = _shown(text, events, output, line)
            if heatmap is not None:
                draw_picture(translation, heatmap, command=_NAME, line=line, tokens=tokens)

        if text == "-":
            live = format_ is TranslationFormat.JSON or sys.stdout.isatty()
            _translate_lines(events, show, output, patience=timeout, live=live)
            return
        try:
            show(text, None, events(text))
        except ClientError as error:
            output.refused(error, None)
            raise


def _shown(text: str, events: Iterable[Event], output: Output, line: int | None) -> Translation:
    """Write the events of a translation as they come, and return all of it."""
    collected = []
    for event in events:
        output.event(event, line)
        collected.append(event)
    translation = Translation.from_events(text, collected)
    output.finish(translation, line)
    if translation.result.finish_reason is FinishReason.LENGTH:
        count = len(translation.tokens)
        note(_NAME, f"cut at {count} tokens, the most that the model or you allow", line)
    for warning in translation.result.hypotheses[0].warnings:
        if warning.kind in _WARNINGS:
            segments = translation.source.segments
            where = f"sentence {warning.segment + 1}" if segments else "the text"
            note(_NAME, f"{where} {_WARNINGS[warning.kind]}", line)
    return translation


def _translate_lines(
    events: Callable[[str], Iterator[Event]],
    show: Callable[[str, int | None, Iterable[Event]], None],
    output: Output,
    *,
    patience: float,
    live: bool,
) -> None:
    """Translate standard input; raise Exit(1) at its end if a line was refused.

    Unless `live`, a line is written when it is complete, so that a lost connection can be retried.
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

    work_through(jobs(), show_line, output.refused, command=_NAME)


def _all(events: Callable[[str], Iterator[Event]], text: str) -> list[Event]:
    return list(events(text))
