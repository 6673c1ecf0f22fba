"""Output of `jumok translate`: text to read, or JSON lines to process."""

import json
import sys
from typing import Any, Protocol

from rich.text import Text

from jumok.cli.alternatives import alternatives
from jumok.cli.live_line import LiveLine
from jumok.cli.screen import heat_map, reconfigure, show
from jumok.client.aligned import Aligned
from jumok.client.errors import ClientError, InvalidRequest, Overloaded
from jumok.client.events import Event, Tokens
from jumok.client.explained import Explained
from jumok.client.json_form import to_json
from jumok.client.translation import Translation


class Output(Protocol):
    """One way to write translations. `line` is the number of the input line, None without one."""

    def event(self, event: Event, line: int | None) -> None:
        """Write an event."""

    def finish(self, translation: Translation, line: int | None) -> None:
        """Write the end of a translation."""

    def refused(self, error: ClientError, line: int | None) -> None:
        """Write the placeholder of a translation that failed."""

    def blank(self) -> None:
        """Write the placeholder of an empty line."""


class TextOutput:
    """Writes translations as they arrive, a line per input line, and requested details below."""

    def __init__(self, *, heat_map: bool, tokens: bool, listed: bool = False) -> None:
        """Prepare standard output.

        Args:
            heat_map: whether to draw the attention below the translation.
            tokens: whether to draw it by token; else by word.
            listed: whether a list of all hypotheses takes the place of the best one at the end.
        """
        reconfigure(errors="replace")
        self._heat_map = heat_map
        self._tokens = tokens
        self._listed = listed
        self._live = LiveLine() if LiveLine.possible() else None
        self._within_line = False

    def event(self, event: Event, line: int | None) -> None:
        """Write the text of new tokens at once."""
        if isinstance(event, Tokens):
            self._show(event.text, event.provisional_text)

    def finish(self, translation: Translation, line: int | None) -> None:
        """End the line, or list the hypotheses; write what was requested below it."""
        if self._listed:
            self._list(translation, line)
        else:
            streamed = sum(len(token.text) for token in translation.tokens)
            self._show(translation.text[streamed:].rstrip("\n"))
            self._end_line()
        seed = translation.result.seed
        if seed is not None and self._live is not None:
            show([Text(f"seed {seed}", "dim")])
        if any(token.alternatives for token in translation.tokens):
            show(["", *alternatives(translation)])
        if self._heat_map:
            show(["", *heat_map(translation, tokens=self._tokens)])

    def refused(self, error: ClientError, line: int | None) -> None:
        """End the line, so that output lines stay beside input lines."""
        if self._listed:
            self._begin_again()
        elif self._within_line or line is not None:
            self._end_line()
        elif self._live is not None:
            self._live.settle()

    def blank(self) -> None:
        """Write an empty line; a list has numbers instead."""
        if not self._listed:
            self._end_line()

    def _show(self, text: str, provisional: str = "") -> None:
        if self._live is not None:
            self._live.show(text, provisional)
        elif text and not self._listed:
            print(text, end="", flush=True)
        self._within_line = self._within_line or bool(text)

    def _list(self, translation: Translation, line: int | None) -> None:
        self._begin_again()
        seen = set()
        for hypothesis in translation.result.hypotheses:
            if hypothesis.text in seen:  # spelt with other pieces
                continue
            seen.add(hypothesis.text)
            if self._live is None:
                number = "" if line is None else f"{line}\t"
                print(f"{number}{hypothesis.score:.4f}\t{hypothesis.text}")
            else:
                score = Text(f"{hypothesis.score:8.4f}", "dim")
                show([score.append(f"  {hypothesis.text}", "not dim")])
        sys.stdout.flush()

    def _begin_again(self) -> None:
        if self._live is not None:
            self._live.clear()
        self._within_line = False

    def _end_line(self) -> None:
        if self._live is not None:
            self._live.settle()
        print(flush=True)
        self._within_line = False


class JsonOutput:
    """Each event as one line of JSON, in UTF-8: `{"line": 3, "tokens": …}`."""

    def __init__(self) -> None:
        """Prepare standard output."""
        reconfigure(encoding="utf-8")

    def event(self, event: Event, line: int | None) -> None:
        """Write one event."""
        self._write(to_json(event), line)

    def aligned(self, aligned: Aligned, line: int | None) -> None:
        """Write a pair of texts that was aligned."""
        self._write(to_json(aligned), line)

    def explained(self, explained: Explained) -> None:
        """Write an explained token."""
        self._write(to_json(explained), None)

    def finish(self, translation: Translation, line: int | None) -> None:
        """Write nothing: the result was an event."""

    def refused(self, error: ClientError, line: int | None) -> None:
        """Write `{"error": {"type": …, "message": …}}`, with the attributes of the error."""
        details: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
        match error:
            case InvalidRequest():
                details |= {"field": error.field, "description": error.description}
            case Overloaded():
                details |= {"retry_after": error.retry_after}
        self._write({"error": details}, line)

    def blank(self) -> None:
        """Write nothing: lines are told apart by their number."""

    def _write(self, value: dict[str, Any], line: int | None) -> None:
        numbered = value if line is None else {"line": line, **value}
        print(json.dumps(numbered, ensure_ascii=False), flush=True)
