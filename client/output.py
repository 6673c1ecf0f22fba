"""What `jumok translate` writes to standard output: text to read, or JSON lines to process."""

import io
import json
import sys
from typing import Any, Protocol

from rich.console import Console

from client.attention_map import token_map, word_map
from client.errors import ClientError, InvalidRequest, Overloaded
from client.events import Event, Tokens, to_json
from client.terminal import render
from client.translation import Translation


class Output(Protocol):
    """One way to write translations. `line` is the number of the input line, None without one."""

    def event(self, event: Event, line: int | None) -> None:
        """Writes what has just arrived."""

    def finish(self, translation: Translation) -> None:
        """Writes what can only be said at the end of a translation."""

    def refused(self, error: ClientError, line: int | None) -> None:
        """Writes what stands for a translation that failed."""

    def blank(self) -> None:
        """Writes what stands for an empty line."""


class TextOutput:
    """The translation as it arrives, a line for each input line; then its heat map, if wanted."""

    def __init__(self, *, heat_map: bool, tokens: bool) -> None:
        """Prepares standard output.

        Args:
            heat_map: Whether to draw the attention below the translation.
            tokens: Whether to draw it by token; else by word.
        """
        _reconfigure(errors="replace")
        self._heat_map = heat_map
        self._tokens = tokens
        self._within_line = False

    def event(self, event: Event, line: int | None) -> None:
        """Writes what the tokens add, at once."""
        if isinstance(event, Tokens) and event.text:
            print(event.text, end="", flush=True)
            self._within_line = True

    def finish(self, translation: Translation) -> None:
        """Ends the line and draws the heat map."""
        self._end_line()
        if not self._heat_map:
            return
        console = Console(highlight=False)
        colour = not console.no_color and console.color_system in ("256", "truecolor")
        attention = token_map(translation) if self._tokens else word_map(translation)
        lines = render(attention, width=console.width, colour=colour)
        for text in ["", *lines]:
            console.print(text, no_wrap=True, crop=False, overflow="ignore")

    def refused(self, error: ClientError, line: int | None) -> None:
        """Ends the line, so that output lines stay beside input lines."""
        if self._within_line or line is not None:
            self._end_line()

    def blank(self) -> None:
        """Writes an empty line."""
        self._end_line()

    def _end_line(self) -> None:
        print(flush=True)
        self._within_line = False


class JsonOutput:
    """Each event as one line of JSON, in UTF-8: `{"line": 3, "tokens": …}`."""

    def __init__(self) -> None:
        """Prepares standard output."""
        _reconfigure(encoding="utf-8")

    def event(self, event: Event, line: int | None) -> None:
        """Writes one event."""
        self._write(to_json(event), line)

    def finish(self, translation: Translation) -> None:
        """Writes nothing: the result was an event."""

    def refused(self, error: ClientError, line: int | None) -> None:
        """Writes `{"error": {"type": …, "message": …}}`, with what the error knows besides."""
        details: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
        match error:
            case InvalidRequest():
                details |= {"field": error.field, "description": error.description}
            case Overloaded():
                details |= {"retry_after": error.retry_after}
        self._write({"error": details}, line)

    def blank(self) -> None:
        """Writes nothing: lines are told apart by their number."""

    def _write(self, value: dict[str, Any], line: int | None) -> None:
        numbered = value if line is None else {"line": line, **value}
        print(json.dumps(numbered, ensure_ascii=False), flush=True)


def _reconfigure(**settings: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(**settings)  # type: ignore[arg-type]
