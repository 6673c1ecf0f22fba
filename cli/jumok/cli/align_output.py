"""What `jumok align` writes: words beside each other, Pharaoh's links, or JSON lines."""

from typing import Protocol

from rich.cells import cell_len
from rich.text import Text

from jumok.cli.screen import heat_map, reconfigure, show
from jumok.client.aligned import Aligned
from jumok.client.errors import ClientError
from jumok.pictures.attention_map import label


class AlignOutput(Protocol):
    """One way to write pairs. `line` is the number of the lines, None without one."""

    def aligned(self, aligned: Aligned, line: int | None) -> None:
        """Write a pair."""

    def refused(self, error: ClientError, line: int | None) -> None:
        """Write the placeholder of a pair that could not be aligned."""

    def blank(self) -> None:
        """Write the placeholder of two empty lines."""


class PharaohOutput:
    """A line of links for each pair, "0-0 1-2": source word, target word, counted from 0."""

    def aligned(self, aligned: Aligned, line: int | None) -> None:
        """Write the links."""
        print(aligned.links, flush=True)

    def refused(self, error: ClientError, line: int | None) -> None:
        """Write an empty line, so that output lines stay beside input lines."""
        if line is not None:
            print(flush=True)

    def blank(self) -> None:
        """Write an empty line."""
        print(flush=True)


class AlignedText:
    """For each target word its source words; then how well all fits, and the heat map if wanted."""

    def __init__(self, *, heat_map: bool, tokens: bool) -> None:
        """Prepare standard output; as for `TextOutput`."""
        reconfigure(errors="replace")
        self._heat_map = heat_map
        self._tokens = tokens

    def aligned(self, aligned: Aligned, line: int | None) -> None:
        """Write a pair; one of many has its number above, and an empty line below."""
        if line is not None:
            show([Text(f"line {line}", "bold")])
        show(_words(aligned))
        fit = f"log-probability {aligned.log_prob:.2f}, perplexity {aligned.perplexity:.4g}, "
        show(["", Text(f"{fit}links by the rule {aligned.rule}", "dim")])
        if self._heat_map:
            show(["", *heat_map(aligned, tokens=self._tokens)])
        if line is not None:
            print(flush=True)

    def refused(self, error: ClientError, line: int | None) -> None:
        """Write nothing: pairs have numbers."""

    def blank(self) -> None:
        """Write nothing: pairs have numbers."""


def _words(aligned: Aligned) -> list[Text]:
    sources = [label(aligned.source_text[word.start : word.end]) for word in aligned.source.words]
    targets = [label(aligned.text[word.start : word.end]) for word in aligned.words]
    margin = max(map(cell_len, targets), default=0)
    lines = []
    for number, target in enumerate(targets):
        line = Text(" " * (margin - cell_len(target)) + target)
        links = [link for link in aligned.alignment if link.target_word == number]
        for link in sorted(links, key=lambda link: -link.weight):
            line.append(f"  {sources[link.source_word]}", "bold")
            line.append(f" {100 * link.weight:.0f}%", "dim")
        lines.append(line if links else line.append("  –", "dim"))
    return lines
