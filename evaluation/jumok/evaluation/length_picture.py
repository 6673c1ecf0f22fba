"""BLEU by source length as a picture, of one system or of several."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from jumok.evaluation.report import LengthScore
from jumok.pictures.font import find_families

_COLOURS = ("#22708f", "#d1603d", "#5f9e4e", "#8a5aa8", "#b58b00", "#5c6670")
_INK = "#333a42"
_FEWEST = 10  # sentences of a length, to be drawn
_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "jumok", "text.parse_math": False}


def draw_lengths(systems: Mapping[str, Sequence[LengthScore]], path: Path) -> set[str]:
    """Draw a line for each system to a file; its ending says which kind.

    Bars are 95% confidence intervals. Below each length stands how many sentences there are, as
    of the first system that has any. Lengths of fewer than ten are left out where others have more:
    a line through them would show what is luck.

    Args:
        systems: the scores of each, by its name.
        path: the file.

    Returns:
        The characters of names that no installed font has; the picture has boxes in their places.

    Raises:
        OSError: it cannot be written.
        FontError: JUMOK_FONT names a file that is no font.
    """
    systems = {name: _telling(scores) for name, scores in systems.items()}
    lengths = _lengths(systems.values())
    families, missing = find_families(set("".join(systems)) if len(systems) > 1 else set())
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ ")  # the caller says it better
        figure = Figure(figsize=(max(4.5, 0.85 * len(lengths) + 1), 3.4))
        axes = figure.add_subplot()
        for number, (name, scores) in enumerate(systems.items()):
            # side by side, so that bars do not hide each other
            aside = 0.08 * (number - (len(systems) - 1) / 2)
            places = [list(lengths).index(score.first) + aside for score in scores]
            _draw_line(axes, places, scores, name, number)
        axes.set_xticks(range(len(lengths)), list(lengths.values()))
        axes.set_xlim(-0.5, len(lengths) - 0.5)
        _dress(axes)
        if len(systems) > 1:
            axes.legend(frameon=False, prop=FontProperties(family=list(families), size=9))
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
        figure.savefig(path, dpi=160, bbox_inches="tight", pad_inches=0.1, metadata=metadata)
    return missing


def _telling(scores: Sequence[LengthScore]) -> Sequence[LengthScore]:
    return [score for score in scores if score.sentences >= _FEWEST] or scores


def _lengths(systems: Iterable[Sequence[LengthScore]]) -> dict[int, str]:
    """By the words of the shortest sources, in order: what stands below."""
    found: dict[int, str] = {}
    for scores in systems:
        for score in scores:
            found.setdefault(score.first, f"{score.label}\nn = {score.sentences:,}")
    return dict(sorted(found.items()))


def _draw_line(
    axes: Axes, places: list[float], scores: Sequence[LengthScore], name: str, number: int
) -> None:
    # of few sentences even the interval can leave the score out
    below = [max(0.0, score.bleu - score.interval.low) for score in scores]
    above = [max(0.0, score.interval.high - score.bleu) for score in scores]
    axes.errorbar(
        places,
        [score.bleu for score in scores],
        yerr=[below, above],
        label=name,
        color=_COLOURS[number % len(_COLOURS)],
        linestyle="-" if number < len(_COLOURS) else "--",
        marker="o",
        markersize=4,
        capsize=3,
        linewidth=1.5,
        elinewidth=1,
    )


def _dress(axes: Axes) -> None:
    axes.set_xlabel("source words, and number of sentences", color=_INK)
    axes.set_ylabel("BLEU", color=_INK)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#e3e7ea", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#9aa3ab")
    axes.tick_params(colors=_INK, labelsize=9, length=0)
