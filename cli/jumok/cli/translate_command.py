"""`jumok translate`: a text, or each line of standard input, with its attention."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
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
from jumok.cli.documents.errors import DocumentError
from jumok.cli.documents.files import DocumentFiles
from jumok.cli.documents.kind import Kind
from jumok.cli.documents.passage_translator import PassageTranslator
from jumok.cli.documents.translating import translate_document
from jumok.cli.glossary_options import GlossaryName, GlossaryPath
from jumok.cli.line_work import note
from jumok.cli.output import JsonOutput, Output, TextOutput
from jumok.cli.picture import PicturePath, draw_picture
from jumok.cli.remarks import remarks
from jumok.cli.translated_lines import translate_lines
from jumok.client.errors import ClientError
from jumok.client.events import Event
from jumok.client.requests import Attention, ModelChoice
from jumok.client.translation import Translation
from jumok.pictures.errors import FontError
from jumok.text.glossary_file import GlossaryError, read_glossary

USER_ERRORS: tuple[type[Exception], ...] = (
    ClientError,
    GlossaryError,
    DocumentError,
    FontError,
    OSError,
)

_NAME = "translate"


class TranslationFormat(StrEnum):
    """How to write a translation."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    XML = "xml"
    MARKDOWN = "markdown"


_MARKUP = (TranslationFormat.HTML, TranslationFormat.XML, TranslationFormat.MARKDOWN)


class SegmentationMode(StrEnum):
    """How to divide a text."""

    SENTENCES = "sentences"
    NONE = "none"


@connects
def run(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="What to translate: a text, or a document, by its name; - for each line of "
            "standard input.",
        ),
    ],
    connection: Connection = LOCAL,
    model: ModelName = "",
    source_language: SourceLanguage = "",
    target_language: TargetLanguage = "",
    format_: Annotated[
        TranslationFormat,
        typer.Option(
            "--format",
            help="text, or json: each event as it arrives, one per line.  html, xml or markdown: "
            "TEXT is a document of that kind, whatever its name; - for standard input.",
        ),
    ] = TranslationFormat.TEXT,
    output_path: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            dir_okay=False,
            help="Write the translation of a document to this file.  If interrupted, repeat the "
            "command to continue.  Default: standard output.",
        ),
    ] = None,
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
    glossary_path: GlossaryPath = None,
    glossary_name: GlossaryName = "",
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

    If TEXT is the name of a .txt, .md, .html, .xml, .srt, .po, .xliff, .json or .docx file, the
    translation is a file of the same kind.
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
    glossary = read_glossary(glossary_path) if glossary_path else {}
    choice = ModelChoice(model, source_language, target_language)
    kind = Kind(format_) if format_ in _MARKUP else None
    if (files := DocumentFiles.of(text, kind, output_path)) is not None:
        _refuse_for_document(
            {
                "--format json": format_ is TranslationFormat.JSON,
                "--attention": attention,
                "--tokens": tokens,
                "--heatmap": heatmap,
                "--prefix": prefix,
                "--alternatives": alternatives,
                "--hypotheses": hypotheses,
                "--provisional": provisional,
            }
        )
        connection.await_start(timeout)
        with connection.client(timeout) as client:
            translator = PassageTranslator(
                client, choice, decoding, segmentation.value, glossary, glossary_name, timeout
            )
            translate_document(files, translator, command=_NAME)
        return
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
                glossary=glossary,
                glossary_name=glossary_name,
            )

        def show(text: str, line: int | None, events: Iterable[Event]) -> None:
            translation = _shown(text, events, output, line)
            if heatmap is not None:
                draw_picture(translation, heatmap, command=_NAME, line=line, tokens=tokens)

        if text == "-":
            live = format_ is TranslationFormat.JSON or sys.stdout.isatty()
            translate_lines(events, show, output, command=_NAME, patience=timeout, live=live)
            return
        try:
            show(text, None, events(text))
        except ClientError as error:
            output.refused(error, None)
            raise


def _refuse_for_document(options: Mapping[str, object]) -> None:
    for name, value in options.items():
        if value:
            raise typer.BadParameter("it is not for documents: leave it out", param_hint=name)


def _shown(text: str, events: Iterable[Event], output: Output, line: int | None) -> Translation:
    """Write the events of a translation as they come, and return all of it."""
    collected = []
    for event in events:
        output.event(event, line)
        collected.append(event)
    translation = Translation.from_events(text, collected)
    output.finish(translation, line)
    for remark in remarks(translation):
        note(_NAME, remark, line)
    return translation
