"""A few evaluations of a run side by side, to print what `jumok web --run` plays.

For example `python -m jumok.training.contact_sheet runs/embedded.ko-en film.png --at 100 --at 600`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from numpy.typing import NDArray

from jumok.pictures.attention_map import AttentionMap
from jumok.pictures.errors import FontError
from jumok.pictures.font import find_families
from jumok.pictures.heat_map import pixels
from jumok.training.run_log import ATTENTION_NAME

_STEPS: Final = 4
_GAP: Final = 30  # pixels
_DPI: Final = 100
_INK: Final = "#333a42"
_SOFT: Final = "#5b6270"


def main(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    path: Annotated[Path, typer.Argument(help="Output file, a .png.")],
    at: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Step of an evaluation; repeat it.  Default: four of them."),
    ] = None,
    sentences: Annotated[int, typer.Option(min=1, help="Number of sentences.")] = 2,
) -> None:
    """Draw the attention of a few sentences at a few evaluations of a run."""
    file = run / ATTENTION_NAME
    if not file.is_file():
        raise SystemExit(f"{run} has no {ATTENTION_NAME}: name the folder of a run")
    with file.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.endswith("\n")]
    records = [record for record in records if record["sentence"] <= sentences]
    recorded = sorted({record["step"] for record in records})
    steps = at or evenly(recorded, _STEPS)
    if unknown := set(steps) - set(recorded):
        raise SystemExit(
            f"step {min(unknown)} has no evaluation: choose from {', '.join(map(str, recorded))}"
        )
    try:
        draw(records, steps, path)
    except (FontError, OSError, ValueError) as error:
        raise SystemExit(f"error: {error}") from error


def evenly(steps: Sequence[int], count: int) -> list[int]:
    """Choose steps at equal distances, the first and the last among them."""
    places = np.linspace(0, len(steps) - 1, min(count, len(steps))).round().astype(int)
    return [steps[place] for place in places]


def draw(records: Sequence[dict[str, Any]], steps: Sequence[int], path: Path) -> None:
    """Draw one row for each step, one column for each sentence.

    Args:
        records: lines of the file.
        steps: steps that are in it.
        path: output file, a .png.
    """
    chosen = {(each["step"], each["sentence"]): each for each in records if each["step"] in steps}
    numbers = sorted({sentence for _, sentence in chosen})
    maps: dict[tuple[int, int], NDArray[np.uint8]] = {
        place: pixels(
            AttentionMap(tuple(each["source"]), tuple(each["target"]), _weights(each["weights"]))
        )
        for place, each in chosen.items()
    }
    widths = [max(maps[step, number].shape[1] for step in steps) for number in numbers]
    heights = [max(maps[step, number].shape[0] for number in numbers) for step in steps]
    width = sum(widths) + _GAP * (len(numbers) + 1)
    height = sum(heights) + _GAP * (len(steps) + 2)
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
    references = [chosen[steps[0], number]["reference"] for number in numbers]
    families, _ = find_families(set("".join(references)))
    font = FontProperties(family=list(families), size=11)
    left = _GAP
    for number, column, reference in zip(numbers, widths, references, strict=True):
        _write(figure, reference, left, height - _GAP // 2, font, _SOFT)
        top = height - _GAP
        for step, row in zip(steps, heights, strict=True):
            if number == numbers[0]:
                at = top - _GAP // 2
                _write(figure, f"Step {step:,}", left, at, FontProperties(size=14), _INK)
            figure.figimage(maps[step, number], left, top - _GAP - maps[step, number].shape[0])
            top -= row + _GAP
        left += column + _GAP
    figure.savefig(path)


def _weights(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, rows))


def _write(figure: Figure, text: str, x: float, y: float, font: FontProperties, color: str) -> None:
    width, height = figure.get_size_inches() * _DPI
    figure.text(
        x / width, y / height, text, fontproperties=font, color=color, va="center", parse_math=False
    )


if __name__ == "__main__":
    typer.run(main)
