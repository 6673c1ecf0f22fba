"""How long callers waited, as a picture: what share of them no longer than what time."""

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from jumok.cli.latency import gaps
from jumok.cli.load import Load

_COLOURS = ("#22708f", "#d1603d", "#5f9e4e")
_SETTINGS: Any = {"svg.fonttype": "path", "svg.hashsalt": "jumok"}


def draw_latency(load: Load, path: Path) -> None:
    """Draw the distributions of a load's times; the ending of the file says which kind.

    Raises:
        OSError: it cannot be written.
    """
    answered = [call for call in load.calls if not call.error]
    times = {
        "between tokens": [gap for call in answered for gap in gaps(call)],
        "to the first token": [
            call.arrivals[0][0] - call.asked for call in answered if call.arrivals
        ],
        "to the end": [call.ended - call.asked for call in answered],
    }
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(6, 3.2))
        axes = figure.add_subplot()
        for (name, seconds), colour in zip(times.items(), _COLOURS, strict=True):
            ordered = sorted(1000 * second for second in seconds)
            shares = [100 * (rank + 1) / len(ordered) for rank in range(len(ordered))]
            axes.plot(ordered, shares, label=name, color=colour, linewidth=1.8)
        axes.set_xscale("log")
        axes.set_xlabel("milliseconds")
        axes.set_ylabel("% no longer")
        axes.set_ylim(0, 101)
        axes.grid(color="#e3e6ea", linewidth=0.8)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.legend(frameon=False, loc="upper left", fontsize=9)
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
        figure.savefig(path, dpi=160, bbox_inches="tight", pad_inches=0.1, metadata=metadata)
