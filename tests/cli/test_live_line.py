"""Text in a terminal whose end can change."""

import re
from typing import Any

import pytest
from rich.cells import get_character_cell_size

from jumok.cli.live_line import LiveLine, _rows


class Screen:
    """A minimal terminal: wraps, and interprets return, up and erase below."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._rows = [""]
        self._row = self._column = 0

    def feed(self, text: str) -> list[str]:
        for part in re.findall(r"\x1b\[\d*[A-Za-z]|.|\n", text):
            if part == "\r":
                self._column = 0
            elif part.endswith("A") and len(part) > 1:
                self._row -= int(part[2:-1])
            elif part == "\x1b[J":
                assert self._column == 0
                del self._rows[self._row + 1 :]
                self._rows[self._row] = ""
            elif not part.startswith("\x1b"):
                self._write(part)
        return [row for row in self._rows if row]

    def _write(self, character: str) -> None:
        size = get_character_cell_size(character)
        if self._column + size > self._columns:
            self._row, self._column = self._row + 1, 0
            self._rows.append("")
        self._rows[self._row] += character
        self._column += size


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Show steps of a text on a screen of 8 columns and 5 lines; return the screen after each."""
    monkeypatch.setenv("COLUMNS", "8")
    monkeypatch.setenv("LINES", "5")

    def run(*steps: tuple[str, str]) -> list[list[str]]:
        screen, live, seen = Screen(8), LiveLine(), []
        for added, provisional in steps:
            live.show(added, provisional)
            seen.append(screen.feed(capsys.readouterr().out))
        live.settle()
        seen.append(screen.feed(capsys.readouterr().out))
        return seen

    return run


def test_end_is_replaced(show: Any) -> None:
    """Decided text stays and provisional text is replaced, also across lines."""
    assert show(("", "I was"), ("I", " am a student"), (" am", " happy"), (" here", "")) == [
        ["I was"],
        ["I am a s", "tudent"],
        ["I am hap", "py"],
        ["I am her", "e"],
        ["I am her", "e"],
    ]


def test_wide_characters_and_full_lines(show: Any) -> None:
    """A syllable that does not fit starts a new line; a line that is exactly full does not."""
    assert show(("나는", "학생"), ("a학", "생입니"), ("생", "입니다")) == [
        ["나는학생"],
        ["나는a학", "생입니"],
        ["나는a학", "생입니다"],
        ["나는a학", "생"],
    ]


def test_provisional_text_is_erased_at_the_end(show: Any) -> None:
    """Provisional text is erased at the end."""
    assert show(("I", " am")) == [["I am"], ["I"]]


def test_provisional_text_is_omitted_on_a_full_screen(show: Any) -> None:
    """A text that fills the screen is shown without provisional text."""
    seen = show(("a" * 20, "b" * 30), ("c", ""))

    assert seen[0] == ["a" * 8, "a" * 8, "a" * 4]
    assert seen[1] == ["a" * 8, "a" * 8, "aaaac"]


def test_it_needs_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no live line if output is piped or the cursor cannot be moved."""
    monkeypatch.setenv("TERM", "xterm")
    assert not LiveLine.possible()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert LiveLine.possible()
    monkeypatch.setenv("TERM", "dumb")
    assert not LiveLine.possible()


def test_line_breaks_are_counted() -> None:
    """A text with line breaks ends as many lines further down."""
    assert _rows("가\n나\n\n다", 80) == 3
    assert _rows("abc\nabcde", 3) == 2
