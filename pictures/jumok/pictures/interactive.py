"""Attention as a page that needs no network: one file of HTML with its data, style and script.

The files in `standalone` are a template, into which the title, the style, the script and the data
are put. All text is data, and the script shows it as text, so markup in a translation stays text.
"""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from jumok.pictures.attention_map import AttentionMap

STANDALONE: Final = Path(__file__).with_name("standalone")
"""The folder of the template."""

_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Caption:
    """What a map shows, and which model made it."""

    source: str
    target: str
    model: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class View:
    """A map, and what its rows and columns are."""

    unit: Literal["words", "tokens"]
    attention: AttentionMap


def interactive_page(views: Sequence[View], caption: Caption, shown: int = 0) -> str:
    """Make the page.

    Args:
        views: maps of the same translation; the reader chooses one.
        caption: the text above the map.
        shown: index of the view that is shown first.

    Returns:
        The text of an HTML file.
    """
    data = {
        "language": "",
        "shown": shown,
        "caption": {
            "source": caption.source,
            "target": caption.target,
            "model": caption.model,
            "fingerprint": caption.fingerprint,
        },
        "views": [
            {
                "unit": view.unit,
                "rows": view.attention.target,
                "columns": view.attention.source,
                "weights": [
                    [round(weight, _DIGITS) for weight in row] for row in view.attention.weights
                ],
            }
            for view in views
        ],
    }
    parts = {
        "title": html.escape(caption.target or caption.source),
        "style": _file("page.css"),
        "script": _file("page.js"),
        # "<" could end the script element
        "data": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
    }
    # one pass: placeholders in a translation are left alone
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], _file("page.html"))


def _file(name: str) -> str:
    return (STANDALONE / name).read_text("utf-8").rstrip("\n")
