"""`jumok translate`: a text, or each line of standard input, with its attention."""

import sys
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from client.errors import ClientError, InvalidRequest, Overloaded, ServerError, Timeout
from client.events import FinishReason
from client.lines import read_lines
from client.options import DEFAULT_ADDRESS, Address
from client.options import Timeout as TimeoutOption
from client.output import JsonOutput, Output, TextOutput
from client.sync_client import Client
from client.translation import Translation
from client.wire import Attention
from pictures.errors import FontError

USER_ERRORS: tuple[type[Exception], ...] = (ClientError, FontError, OSError)

_PICTURES = (".png", ".svg", ".pdf")


class Format(StrEnum):
    """How to write a translation."""

    TEXT = "text"
    JSON = "json"


def _picture_path(path: Path | None) -> Path | None:
    """Refuses, before anything is translated, a picture that could not be written after."""
    if path is not None and path.suffix.lower() not in _PICTURES:
        raise typer.BadParameter(f"{path} must end in one of {', '.join(_PICTURES)}")
    if path is not None and not path.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}")
    return path


def run(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT", help="What to translate; - for each line of standard input."
        ),
    ],
    address: Address = DEFAULT_ADDRESS,
    model: Annotated[
        str, typer.Option(metavar="NAME", help="Which model.  Default: the one that is served.")
    ] = "",
    max_tokens: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="The most tokens to write.  Default: the model's limit."
        ),
    ] = None,
    format_: Annotated[
        Format,
        typer.Option("--format", help="text, or json: each event as it arrives, one to a line."),
    ] = Format.TEXT,
    attention: Annotated[
        bool | None,
        typer.Option(
            "--attention/--no-attention",
            help="Draw the attention below the translation; with json, send it.  Default: with "
            "json, and for one TEXT in a terminal.",
        ),
    ] = None,
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Draw attention between tokens instead of words.")
    ] = False,
    heatmap: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=_picture_path,
            help="Draw the attention to a .png, .svg or .pdf file; for standard input one for "
            "each line N, FILE-N.png.",
        ),
    ] = None,
    timeout: TimeoutOption = 60.0,
) -> None:
    """Translate a text and show the attention that produced each word.

    The translation is printed as it is written. With - for TEXT, each line of standard input
    gives one line of output; a line that is refused gives an empty one and a message, and the
    exit status is 1.
    """
    lines = text == "-"
    if format_ is Format.JSON:
        draw, send = False, attention is not False
    else:
        draw = attention if attention is not None else not lines and sys.stdout.isatty()
        send = draw
    output = JsonOutput() if format_ is Format.JSON else TextOutput(heat_map=draw, tokens=tokens)
    wanted: Attention = "dense" if send or heatmap else "none"

    with Client(address, timeout=timeout) as client:

        def translate(text: str, line: int | None) -> None:
            events = []
            for event in client.translate(
                text, model=model, max_tokens=max_tokens, attention=wanted
            ):
                output.event(event, line)
                events.append(event)
            translation = Translation.from_events(text, events)
            output.finish(translation)
            if translation.result.finish_reason is FinishReason.LENGTH:
                count = len(translation.tokens)
                _note(f"cut at {count} tokens, the most that the model or you allow", line)
            if heatmap is not None:
                _draw(translation, heatmap, line, tokens)

        if lines:
            _translate_lines(translate, output, patience=timeout)
        else:
            try:
                translate(text, None)
            except ClientError as error:
                output.refused(error, None)
                raise


def _translate_lines(
    translate: Callable[[str, int], None], output: Output, *, patience: float
) -> None:
    """Translates standard input; raises Exit(1) at its end if a line was refused."""
    refused = False
    for number, line in read_lines(sys.stdin.buffer):
        try:
            if isinstance(line, InvalidRequest):
                raise line
            if line.strip():
                _when_there_is_room(partial(translate, line, number), patience)
            else:
                output.blank()
        except ClientError as error:
            output.refused(error, number)
            if not _concerns_one_line(error):
                raise
            _note(str(error), number)
            refused = True
    if refused:
        raise typer.Exit(1)


def _when_there_is_room(call: Callable[[], None], patience: float) -> None:
    """Calls again, as long as the server is overloaded, for `patience` seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            return call()
        except Overloaded as error:
            # a server that names no time may have refused for good, a message too large, say
            if error.retry_after is None or time.monotonic() + error.retry_after > end:
                raise
            time.sleep(error.retry_after)


def _concerns_one_line(error: ClientError) -> bool:
    """Whether the next line may fare better."""
    match error:
        case InvalidRequest():
            return error.field == "text"
        case _:
            return isinstance(error, Overloaded | ServerError | Timeout)


def _draw(translation: Translation, path: Path, line: int | None, tokens: bool) -> None:
    from client.attention_map import token_map, word_map
    from pictures.font import missing_sentence
    from pictures.heat_map import draw  # not before: matplotlib takes half a second to import

    if line is not None:
        path = path.with_stem(f"{path.stem}-{line}")
    missing = draw(token_map(translation) if tokens else word_map(translation), path)
    if missing:
        _note(missing_sentence(missing), line)


def _note(sentence: str, line: int | None) -> None:
    place = "" if line is None else f"line {line}: "
    print(f"jumok translate: {place}{sentence}", file=sys.stderr)
