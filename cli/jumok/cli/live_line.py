"""A text in a terminal that grows, and whose end may be taken back."""

import os
import shutil
import sys

from rich.cells import get_character_cell_size

_DIM = "\x1b[2m{}\x1b[22m"
_CANNOT = ("", "dumb", "unknown")


class LiveLine:
    """A text that is being written: what is decided, and dim behind it what is not.

    When what was not decided changes, all is written anew from its beginning: a cursor can be moved
    up by lines, but not to the end of a line that is just full.
    """

    def __init__(self) -> None:
        self._decided = ""
        self._provisional = ""

    @staticmethod
    def possible() -> bool:
        """Whether standard output is a terminal whose cursor can be moved."""
        return sys.stdout.isatty() and os.environ.get("TERM", "") not in _CANNOT

    def show(self, added: str, provisional: str = "") -> None:
        """Append decided text, and replace the provisional text after it."""
        back = self._back() if self._provisional else ""
        self._decided += added
        size = shutil.get_terminal_size()
        rows = _rows(self._decided + provisional, size.columns)
        if rows + 1 >= size.lines:  # what has left the screen could not be taken back
            provisional = ""
        text = self._decided if back else added
        print(back + text + (_DIM.format(provisional) if provisional else ""), end="", flush=True)
        self._provisional = provisional

    def settle(self) -> str:
        """Remove the provisional text, return the decided one, and begin a new text."""
        if self._provisional:
            self.show("")
        decided, self._decided = self._decided, ""
        return decided

    def clear(self) -> None:
        """Remove the text, and begin a new one in its place."""
        print(self._back(), end="", flush=True)
        self._decided = self._provisional = ""

    def _back(self) -> str:
        """Moves to the beginning of the text, and erases what is behind."""
        rows = _rows(self._decided + self._provisional, shutil.get_terminal_size().columns)
        return "\r" + (f"\x1b[{rows}A" if rows else "") + "\x1b[J"


def _rows(text: str, columns: int) -> int:
    """How many lines below its beginning a text ends; a wide character is never split."""
    row = column = 0
    for character in text:
        if character == "\n":
            row, column = row + 1, 0
            continue
        size = get_character_cell_size(character)
        if column + size > columns:
            row, column = row + 1, 0
        column += size
    return row
