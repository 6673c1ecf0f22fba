"""A reliability diagram: the share of good translations by confidence (DeGroot & Fienberg 1983)."""

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from jumok.evaluation.report import Reliability

_COLOUR, _INK, _GRID = "#22708f", "#333a42", "#e3e7ea"
_LARGEST = 260  # area of the marker of the largest bin, in square points
_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "jumok"}


def draw_reliability(reliability: Reliability, path: Path) -> None:
    """Draw one marker for each bin, as large as its share of the sentences.

    Args:
        reliability: the bins.
        path: output file; its suffix selects the format.

    Raises:
        OSError: the file cannot be written.
    """
    bins = reliability.bins
    most = max(each.sentences for each in bins)
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(3.8, 3.8))
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color="#9aa3ab", linewidth=1, linestyle="--")
        confidences, shares = [each.confidence for each in bins], [each.good for each in bins]
        axes.plot(confidences, shares, color=_COLOUR, linewidth=1.5)
        sizes = [max(8, _LARGEST * each.sentences / most) for each in bins]
        axes.scatter(confidences, shares, s=sizes, color=_COLOUR, zorder=3)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.set_xlabel("confidence", color=_INK)
        axes.set_ylabel("good translations", color=_INK)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.grid(color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color("#9aa3ab")
        axes.tick_params(colors=_INK, labelsize=9, length=0)
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
        figure.savefig(path, dpi=160, bbox_inches="tight", pad_inches=0.1, metadata=metadata)
