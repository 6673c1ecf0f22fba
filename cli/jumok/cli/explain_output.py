"""What `jumok explain` writes: the stages for a terminal, or as Markdown for a notebook."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from jumok.cli.explanation import Bar, Equation, Numbers, Stage, piece, stages_of, title_of
from jumok.cli.explanation_wording import Wording
from jumok.client.explained import Explained

_SHOWN: Final = 5  # first numbers of a vector
_INDENT: Final = 3
_BAR: Final = 24  # cells
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


def terminal_lines(explained: Explained, words: Wording) -> Iterator[Text]:
    """Return the lines for a terminal; sentences are wrapped to its width."""
    console = Console()
    yield Text(f"{explained.source_text} → {explained.text}", "bold")
    tokens = Text(f"{words.tokens}:", "dim")
    for index, token in enumerate(explained.tokens):
        chosen = index == explained.token_index
        tokens.append(f"  {index} {piece(token.piece)}", "bold not dim" if chosen else "dim")
    yield tokens
    yield Text(title_of(explained, words))
    for number, stage in enumerate(stages_of(explained, words), start=1):
        yield Text()
        yield Text(f"{number}. {stage.heading}", "bold")
        for line in Text(" ".join(stage.sentences)).wrap(console, console.width - _INDENT):
            line.rstrip()
            yield Text(" " * _INDENT).append_text(line)
        for equation in stage.equations:
            line = Text(" " * _INDENT).append(equation.plain, "italic")
            yield line.append(f"   ({equation.reference})" * bool(equation.reference), "dim")
        yield Text()
        margin = max(cell_len(row.name) for row in stage.rows)
        for row in stage.rows:
            name = " " * (_INDENT + margin - cell_len(row.name)) + row.name
            yield _bar(name, row) if isinstance(row, Bar) else _numbers(name, row, words)


def _numbers(name: str, row: Numbers, words: Wording) -> Text:
    first, last = _ends(row)
    line = Text(f"{name}  " + "".join(f"{value:8.3f}" for value in first)).append("  …", "dim")
    line.append("".join(f"{value:8.3f}" for value in last))
    return line.append(f"  {words.numbers.format(count=len(row.values))}", "dim")


def _ends(row: Numbers) -> tuple[Sequence[float], Sequence[float]]:
    """Return the first numbers of a vector and, if it was joined of two, the last ones."""
    if not row.joined:
        return row.values[:_SHOWN], ()
    half = _SHOWN // 2
    return row.values[:half], row.values[-half:]


def _bar(name: str, row: Bar) -> Text:
    line = Text(f"{name}  {row.number:>7}", "bold" if row.marked else "")
    line.append(f"  {_drawn(row.length)}".rstrip(), "cyan")
    return line.append(" ←" if row.marked else "")


def _drawn(length: float) -> str:
    """Draw a bar to an eighth of a cell."""
    cells, eighths = divmod(round(min(length, 1.0) * _BAR * len(_EIGHTHS)), len(_EIGHTHS))
    return "█" * cells + _EIGHTHS[eighths].strip()


def markdown_lines(explained: Explained, words: Wording) -> Iterator[str]:
    """Return the lines of Markdown, with equations in LaTeX between dollar signs."""
    yield f"## {_escaped(title_of(explained, words))}"
    yield ""
    yield f"{_escaped(explained.source_text)} → {_escaped(explained.text)}"
    yield ""
    tokens = []
    for index, token in enumerate(explained.tokens):
        shown = f"{index} {_escaped(piece(token.piece))}"
        tokens.append(f"**{shown}**" if index == explained.token_index else shown)
    yield f"{words.tokens}: {' · '.join(tokens)}"
    for number, stage in enumerate(stages_of(explained, words), start=1):
        yield ""
        yield f"### {number}. {stage.heading}"
        yield ""
        yield " ".join(map(_escaped, stage.sentences))
        for equation in stage.equations:
            yield ""
            yield _display(equation)
        yield ""
        yield from _table(stage, words)


def _display(equation: Equation) -> str:
    reference = f" ({equation.reference})" if equation.reference else ""
    return f"$${equation.latex}$${reference}"


def _table(stage: Stage, words: Wording) -> Iterator[str]:
    if any(isinstance(row, Bar) for row in stage.rows):
        yield from _head(words.labels["token"], stage.column, "")
    else:
        yield from _head("", words.labels["vector"], "")
    for row in stage.rows:
        name = _escaped(row.name)
        if isinstance(row, Bar):
            mark = "**" if row.marked else ""
            yield f"| {mark}{name}{mark} | {mark}{row.number}{mark} | {_drawn(row.length)} |"
        else:
            first, last = ([f"{value:.3f}" for value in part] for part in _ends(row))
            shown = ", ".join([*first, "…", *last])
            yield f"| {name} | {shown} | {words.numbers.format(count=len(row.values))} |"


def _head(*cells: str) -> Sequence[str]:
    return f"| {' | '.join(cells)} |", "| --- | ---: | --- |"


def _escaped(text: str) -> str:
    """Escape what Markdown would take for markup."""
    marks = "\\`*_[]<>|$"
    line = " ".join(text.split())
    return "".join(f"\\{char}" if char in marks else char for char in line)
