"""Standard output for the eye: heat maps and other lines with colours, where it has them."""

import io
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from jumok.cli.terminal import render
from jumok.cli.word_map import token_map, word_map
from jumok.client.aligned import Aligned
from jumok.client.translation import Translation


def heat_map(drawn: Translation | Aligned, *, tokens: bool) -> list[Text]:
    """The attention by word, or by token, for the terminal that there is."""
    console = Console(highlight=False)
    colour = not console.no_color and console.color_system in ("256", "truecolor")
    attention = token_map(drawn) if tokens else word_map(drawn)
    return render(attention, width=console.width, colour=colour)


def show(lines: Iterable[Text | str]) -> None:
    """Print lines, each as one, however long."""
    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines:
        console.print(line, no_wrap=True, crop=False, overflow="ignore")


def reconfigure(**settings: str) -> None:
    """Changes how standard output is encoded."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(**settings)  # type: ignore[arg-type]
