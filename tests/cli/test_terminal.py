"""Heat maps in the terminal."""

import itertools

import pytest
from rich.text import Text

from jumok.cli.terminal import render
from jumok.pictures.attention_map import AttentionMap

SMALL = AttentionMap(
    source=("나는", "학생입니다", "</s>"),
    target=("I", "am", "a", "student"),
    weights=((0.96, 0.03, 0.01), (0.03, 0.95, 0.02), (0.05, 0.9, 0.05), (0.0, 0.875, 0.125)),
)


def square(size: int, label: str = "친구들과") -> AttentionMap:
    weights = [[1.0 if x == y else 0.0 for x in range(size)] for y in range(size)]
    return AttentionMap(
        source=tuple(f"{label}{n}" for n in range(size)),
        target=tuple(f"word{n}" for n in range(size)),
        weights=tuple(map(tuple, weights)),
    )


def blocks(lines: list[Text]) -> list[list[Text]]:
    groups = itertools.groupby(lines, key=lambda line: bool(line.plain))
    return [list(group) for filled, group in groups if filled]


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("attention", [SMALL, square(9), square(12, "아a")])
def test_rows_are_equally_wide(attention: AttentionMap, colour: bool) -> None:
    """All rows of a block have the same number of cells, also with Hangul, and fit the width."""
    for block in blocks(render(attention, width=80, colour=colour)):
        assert len(block) == 1 + len(attention.target)
        assert len({line.cell_len for line in block}) == 1
        assert block[0].cell_len <= 80


def test_plain_map() -> None:
    """Without colour a cell is its percentage and a shade of characters."""
    lines = [line.plain.rstrip() for line in render(SMALL, width=80, colour=False)]

    assert lines == [
        "        나는   학생입니다 </s>",
        "      I  96 ██   3          1",
        "     am   3     95 ██████   2",
        "      a   5     90 ██████   5",
        "student   ·     88 ██████  12",
    ]


def test_coloured_cells_differ() -> None:
    """With colour each cell has a percentage and a background by weight."""
    row = render(SMALL, width=80, colour=True)[1]
    backgrounds = {str(span.style).partition(" on ")[2] for span in row.spans}

    assert "96" in row.plain
    assert len(backgrounds) == 3


def test_wide_map_is_cut_into_blocks() -> None:
    """Columns that do not fit continue in a second block with all rows."""
    first, second = blocks(render(square(9), width=80, colour=False))

    assert "친구들과0" in first[0].plain
    assert "친구들과8" in second[0].plain
    assert second[1].plain.startswith("word0")


@pytest.mark.parametrize("width", [1, 10, 40, 80])
def test_very_wide_map_is_a_list(width: int) -> None:
    """A map too wide for two blocks lists the best source words of each target word."""
    lines = render(square(40), width=width, colour=False)

    assert len(lines) == 40
    assert all(line.cell_len <= width for line in lines)
    if width == 80:
        assert lines[7].plain.split() == ["word7", "친구들과7", "100%"]


def test_long_label_is_cut() -> None:
    """A word that is too long is cut with an ellipsis, never inside a syllable."""
    attention = AttentionMap(("가" * 20,), ("a" * 30,), ((1.0,),))
    header, row = render(attention, width=80, colour=False)

    assert header.plain.strip() == "가" * 6 + "…"
    assert row.plain.startswith("a" * 13 + "…")
    assert header.cell_len == row.cell_len


def test_nothing_to_draw() -> None:
    """An empty translation draws nothing."""
    assert render(AttentionMap(("</s>",), (), ()), width=80, colour=True) == []


def test_odd_weights_are_drawn() -> None:
    """Weights outside 0 to 1 and NaN are drawn as the nearest valid weight."""
    attention = AttentionMap(("a", "b", "c"), ("x",), ((float("nan"), 1.5, -1.0),))

    assert "100" in render(attention, width=80, colour=True)[1].plain
