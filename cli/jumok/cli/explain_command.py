"""`jumok explain`: explain how a token of a translation was chosen."""

import re
from enum import StrEnum
from typing import Annotated, Final

import typer

from jumok.cli.connection import (
    LOCAL,
    Connection,
    ModelName,
    SourceLanguage,
    TargetLanguage,
    Timeout,
    connects,
)
from jumok.cli.explain_output import markdown_lines, terminal_lines
from jumok.cli.explanation_wording import ENGLISH, KOREAN
from jumok.cli.output import JsonOutput
from jumok.cli.screen import reconfigure, show
from jumok.client.errors import ClientError
from jumok.client.events import Token
from jumok.client.explained import Explained

USER_ERRORS: tuple[type[Exception], ...] = (ClientError, OSError)

_SIGNS: Final = re.compile(r"^\W+|\W+$")


class ExplanationFormat(StrEnum):
    """How to write an explanation."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class Language(StrEnum):
    """The language of an explanation."""

    ENGLISH = "en"
    KOREAN = "ko"


_WORDINGS: Final = {Language.ENGLISH: ENGLISH, Language.KOREAN: KOREAN}


@connects
def run(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text, one sentence.")],
    token: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Index of the token to explain, counted from 0.  Default: 0."
        ),
    ] = None,
    word: Annotated[
        str,
        typer.Option(
            metavar="WORD",
            help="Instead, explain the first token of this word of the translation.",
            show_default=False,
        ),
    ] = "",
    target: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Translation to explain.  Default: that of greedy search.",
            show_default=False,
        ),
    ] = "",
    language: Annotated[
        Language, typer.Option(help="Language of the explanation.")
    ] = Language.ENGLISH,
    format_: Annotated[
        ExplanationFormat,
        typer.Option(
            "--format",
            help="text; markdown, for a notebook; or json, all numbers.",
        ),
    ] = ExplanationFormat.TEXT,
    connection: Connection = LOCAL,
    model: ModelName = "",
    source_language: SourceLanguage = "",
    target_language: TargetLanguage = "",
    timeout: Timeout = 60.0,
) -> None:
    """Explain how a token of a translation was chosen, stage by stage.

    Shows the query and the keys, the scores, the attention distribution, the context vector, the
    concatenation and the best words, with the real numbers of this token.
    """
    if word and token is not None:
        raise typer.BadParameter("give --token or --word, not both", param_hint="--word")
    connection.await_start(timeout)
    with connection.client(timeout) as client:

        def explain(index: int) -> Explained:
            return client.explain(
                text,
                target,
                token_index=index,
                model=model,
                source_language=source_language,
                target_language=target_language,
            )

        try:
            explained = explain(token or 0)
            if word and (index := _first_token(word, explained.tokens)):
                explained = explain(index)
        except ClientError as error:
            if format_ is ExplanationFormat.JSON:
                JsonOutput().refused(error, None)
            raise
    wording = _WORDINGS[language]
    match format_:
        case ExplanationFormat.JSON:
            JsonOutput().explained(explained)
        case ExplanationFormat.MARKDOWN:
            reconfigure(encoding="utf-8")
            print("\n".join(markdown_lines(explained, wording)))
        case ExplanationFormat.TEXT:
            reconfigure(errors="replace")
            show(terminal_lines(explained, wording))


def _first_token(word: str, tokens: tuple[Token, ...]) -> int:
    """Return the index of the first token of a word; capitals and punctuation do not matter."""
    text = "".join(token.text for token in tokens)
    wanted = _SIGNS.sub("", word).casefold()
    place = next(
        (
            match.start()
            for match in re.finditer(r"\S+", text)
            if wanted and _SIGNS.sub("", match[0]).casefold() == wanted
        ),
        None,
    )
    if place is None:
        raise typer.BadParameter(
            f"the translation “{text}” has no word “{word}”", param_hint="--word"
        )
    end = 0
    for index, token in enumerate(tokens):
        end += len(token.text)
        if place < end:
            return index
    raise AssertionError("the word is in the text of the tokens")
