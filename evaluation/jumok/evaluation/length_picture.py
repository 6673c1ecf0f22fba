"""A plot of BLEU by source length, for one or several systems."""

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
_FEWEST = 10  # minimum number of sentences of a group that is drawn
_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "jumok", "text.parse_math": False}


def draw_lengths(systems: Mapping[str, Sequence[LengthScore]], path: Path) -> set[str]:
    """Draw one line for each system.

    Error bars are 95% confidence intervals. The axis shows the number of sentences of each group of
    lengths. Groups of fewer than ten sentences are omitted unless all groups are that small.

    Args:
        systems: scores by the name of the system.
        path: output file; its suffix selects the format.

    Returns:
        Characters of the names that no installed font has; they are drawn as boxes.

    Raises:
        OSError: the file cannot be written.
        FontError: JUMOK_FONT is not a font file.
    """
    systems = {name: _telling(scores) for name, scores in systems.items()}
    lengths = _lengths(systems.values())
    families, missing = find_families(set("".join(systems)) if len(systems) > 1 else set())
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ ")  # reported by the caller
        figure = Figure(figsize=(max(4.5, 0.85 * len(lengths) + 1), 3.4))
        axes = figure.add_subplot()
        for number, (name, scores) in enumerate(systems.items()):
            # shifted so that error bars do not overlap
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
    """Return the axis labels of the groups, by the number of words of their shortest sources."""
    found: dict[int, str] = {}
    for scores in systems:
        for score in scores:
            found.setdefault(score.first, f"{score.label}\nn = {score.sentences:,}")
    return dict(sorted(found.items()))


def _draw_line(
    axes: Axes, places: list[float], scores: Sequence[LengthScore], name: str, number: int
) -> None:
    # with few sentences the score can be outside the interval
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
