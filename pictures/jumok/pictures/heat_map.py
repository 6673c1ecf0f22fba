"""Attention as a picture: source across the top, target down the side, as in Bahdanau et al. 2015.

Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate",
figure 3. Text is drawn as outlines in SVG and embedded in PDF, so it looks the same everywhere.
"""

import io
import logging
import warnings
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import imread
from numpy.typing import NDArray

from jumok.pictures.attention_map import AttentionMap
from jumok.pictures.font import find_families

_COLOURS = LinearSegmentedColormap.from_list(
    "jumok", ["#f1f4f6", "#b9dcdc", "#5db1b4", "#22708f", "#12345a"]
)
_CELL = 0.42  # inches
_CHARACTER = 0.078  # inches that a label of Latin script takes for each character, about
_WIDE = 6.5  # inches; labels that would make the map wider are turned
_PIXELS_MAX = 8000  # of one side; 64 million pixels are 256 MB
_BAR = (0.09, 1.3)  # inches, width and largest height
_NUMBERS_MAX = 20  # rows or columns; larger maps have colours only
_NUMBER_MIN = 0.05  # weight from which a cell has its number
_INK = "#333a42"
_SETTINGS: Any = {
    "svg.fonttype": "path",
    "svg.hashsalt": "jumok",  # equal maps are equal files
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "text.usetex": False,
}


def draw(attention: AttentionMap, path: Path) -> set[str]:
    """Draw the map to a .png, .svg or .pdf file.

    Returns:
        The characters that no installed font has; they are drawn as boxes.

    Raises:
        OSError: The file cannot be written.
        FontError: JUMOK_FONT names a file that is no font.
    """
    metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
    return _save(attention, path, 200, metadata=metadata)


def pixels(attention: AttentionMap) -> NDArray[np.uint8]:
    """Draw the map to uint8 [height, width, colour], the colours red, green and blue.

    Raises:
        FontError: JUMOK_FONT names a file that is no font.
    """
    file = io.BytesIO()
    _save(attention, file, 100, format="png")
    file.seek(0)
    shares = imread(file, format="png")  # float 0 to 1, opacity last
    drawn: NDArray[np.uint8] = (shares[:, :, :3] * 255).round().astype(np.uint8)
    return drawn


def _save(attention: AttentionMap, file: Path | io.BytesIO, dpi: int, **options: Any) -> set[str]:
    labels = attention.source + attention.target
    families, missing = find_families(set("".join(labels)))
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # PDF: unused tables are dropped
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ ")  # the caller says it better
        figure = _figure(attention, FontProperties(family=list(families), size=11))
        dpi_max = _PIXELS_MAX / max(figure.get_size_inches())
        figure.savefig(file, dpi=min(dpi, dpi_max), bbox_inches="tight", pad_inches=0.12, **options)
    return missing


def _figure(attention: AttentionMap, font: FontProperties) -> Figure:
    rows, columns = len(attention.target), len(attention.source)
    label = (max(map(_width, attention.source), default=0) + 2) * _CHARACTER
    turned = label > _CELL and label * columns > _WIDE
    width = max(columns, 1) * (_CELL if turned else max(label, _CELL))
    height = max(rows, 1) * _CELL
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, columns or 1), ylim=(rows or 1, 0))
    axes.xaxis.tick_top()
    axes.set_xticks([n + 0.5 for n in range(columns)], attention.source, fontproperties=font)
    axes.set_yticks([n + 0.5 for n in range(rows)], attention.target, fontproperties=font)
    axes.tick_params(length=0, pad=5, labelcolor=_INK)
    axes.spines[:].set_visible(False)
    if turned:
        for tick in axes.get_xticklabels():
            tick.set(rotation=45, ha="left", va="baseline", rotation_mode="anchor")
    if rows and columns:
        _cells(figure, axes, attention)
    return figure


def _cells(figure: Figure, axes: Axes, attention: AttentionMap) -> None:
    mesh = axes.pcolormesh(
        attention.weights, cmap=_COLOURS, vmin=0, vmax=1, edgecolors="white", linewidth=1.5
    )
    width, height = figure.get_size_inches()
    bar_width, bar_height = _BAR[0] / width, min(1, _BAR[1] / height)
    bar = axes.inset_axes((1 + 2 * bar_width, 1 - bar_height, bar_width, bar_height))
    figure.colorbar(mesh, cax=bar).outline.set_visible(False)
    bar.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    bar.tick_params(length=0, labelsize=8, labelcolor=_INK)
    if max(len(attention.source), len(attention.target)) > _NUMBERS_MAX:
        return
    for y, row in enumerate(attention.weights):
        for x, weight in enumerate(row):
            if weight >= _NUMBER_MIN:
                ink = "white" if weight > 0.55 else _INK
                place: Any = {"ha": "center", "va": "center_baseline"}
                axes.text(x + 0.5, y + 0.5, f"{100 * weight:.0f}", color=ink, size=8, **place)


def _width(label: str) -> int:
    """Width in characters of Latin script: one of Hangul is as wide as two."""
    return sum(2 if ord(character) >= 0x1100 else 1 for character in label)
