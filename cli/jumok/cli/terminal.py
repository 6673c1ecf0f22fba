"""Attention as a heat map of characters: target down, source across, as in the picture.

In colour each cell is a tile with its percentage; without, its shade is a character. A map that is
too wide is cut into blocks of columns, and one that would be cut too often becomes a list of what
each target word attends to most. Widths are terminal cells: a Hangul syllable takes two.
"""

from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.style import Style
from rich.text import Text

from jumok.pictures.attention_map import AttentionMap

_LABEL_MAX = 14  # cells; longer labels are cut
_COLUMN_MIN = 6
_BLOCKS_MAX = 2
_LISTED = 3  # source words listed for a target word, at most
_LISTED_MIN = 0.1  # weight below which only the first is listed
_SHADES = " ░▒▓█"
# Near black to pale yellow through blue and green; legible on light and dark terminals.
_RAMP = ((30, 32, 44), (38, 70, 110), (33, 130, 140), (94, 190, 120), (250, 230, 120))


def render(attention: AttentionMap, *, width: int, colour: bool) -> list[Text]:
    """Draw the map in lines of at most `width` cells, all of a block equally wide."""
    if not attention.target or not attention.source:
        return []
    labels = [_cut(label, _LABEL_MAX) for label in attention.target]
    margin = max(cell_len(label) for label in labels)
    blocks = _blocks(attention, width - margin - 1)
    if not blocks:
        return _list(attention, labels, margin, width, colour)
    lines: list[Text] = []
    for block in blocks:
        if lines:
            lines.append(Text())
        lines.extend(_block(attention, block, labels, margin, colour))
    return lines


def _blocks(attention: AttentionMap, width: int) -> list[list[tuple[int, int]]]:
    """Columns as (index, cells), split evenly over as few blocks as fit; none if none do."""
    sizes = [max(_COLUMN_MIN, min(cell_len(label), _LABEL_MAX)) for label in attention.source]
    columns = list(enumerate(sizes))
    for count in range(1, _BLOCKS_MAX + 1):
        share = -(-len(columns) // count)
        blocks = [columns[first : first + share] for first in range(0, len(columns), share)]
        if all(sum(size + 1 for _, size in block) <= width for block in blocks):
            return blocks
    return []


def _block(
    attention: AttentionMap,
    block: list[tuple[int, int]],
    labels: list[str],
    margin: int,
    colour: bool,
) -> list[Text]:
    header = Text(" " * margin)
    for column, size in block:
        name = _cut(attention.source[column], size)
        header.append(" " + (_centre(name, size) if colour else set_cell_size(name, size)))
    lines = [header]
    for label, row in zip(labels, attention.weights, strict=True):
        line = Text(" " * (margin - cell_len(label)) + label)
        for column, size in block:
            line.append(" ")
            line.append_text(_tile(row[column], size) if colour else _shade(row[column], size))
        lines.append(line)
    return lines


def _tile(weight: float, size: int) -> Text:
    red, green, blue = _colour(weight)
    light = 0.299 * red + 0.587 * green + 0.114 * blue > 120
    ink = (20, 20, 28) if light else (225, 228, 235)
    style = Style(color=Color.from_rgb(*ink), bgcolor=Color.from_rgb(red, green, blue))
    return Text(_centre(_percent(weight), size), style=style)


def _shade(weight: float, size: int) -> Text:
    shade = _SHADES[round(_clamp(weight) * (len(_SHADES) - 1))]
    return Text(f"{_percent(weight) or '·':>3} " + shade * (size - 4))


def _list(
    attention: AttentionMap, labels: list[str], margin: int, width: int, colour: bool
) -> list[Text]:
    lines = []
    for label, row in zip(labels, attention.weights, strict=True):
        line = Text(" " * (margin - cell_len(label)) + label)
        best = sorted(range(len(row)), key=lambda n: -row[n])[:_LISTED]
        for rank, column in enumerate(best):
            if rank and row[column] < _LISTED_MIN:
                break
            name = _cut(attention.source[column], _LABEL_MAX)
            line.append("  ")
            line.append(name, Style(bold=colour and not rank))
            line.append(f" {_percent(row[column]) or '0'}%", Style(dim=colour))
        line.truncate(max(width, 1))
        lines.append(line)
    return lines


def _colour(weight: float) -> tuple[int, int, int]:
    place = _clamp(weight) * (len(_RAMP) - 1)
    index = min(int(place), len(_RAMP) - 2)
    part = place - index
    red, green, blue = (
        round(low + (high - low) * part)
        for low, high in zip(_RAMP[index], _RAMP[index + 1], strict=True)
    )
    return red, green, blue


def _clamp(weight: float) -> float:
    return min(1.0, max(0.0, weight))  # `max` first: a NaN, too, becomes a number


def _percent(weight: float) -> str:
    """Whole percents; empty when that would be 0."""
    percent = round(100 * _clamp(weight))
    return str(percent) if percent else ""


def _cut(label: str, size: int) -> str:
    return label if cell_len(label) <= size else set_cell_size(label, size - 1).rstrip() + "…"


def _centre(label: str, size: int) -> str:
    space = size - cell_len(label)
    return " " * (space // 2) + label + " " * (space - space // 2)
