"""Heat maps as pictures."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest

from jumok.pictures import font
from jumok.pictures.attention_map import AttentionMap
from jumok.pictures.heat_map import draw, pixels

LATIN = AttentionMap(("ich", "bin", "</s>"), ("I", "am"), ((0.9, 0.1, 0.0), (0.2, 0.7, 0.1)))
HANGUL = AttentionMap(("나는", "</s>"), ("I",), ((0.9, 0.1),))


@pytest.mark.parametrize(
    ("ending", "start"),
    [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF"), (".PNG", b"")],
)
def test_kinds(tmp_path: Path, ending: str, start: bytes) -> None:
    """The suffix of the path selects the file format."""
    path = tmp_path / f"map{ending}"

    assert draw(LATIN, path) == set()
    assert path.read_bytes().startswith(start)


def test_svg_needs_no_font(tmp_path: Path) -> None:
    """Text in SVG is outlines, whatever the user's settings."""
    path = tmp_path / "map.svg"
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        draw(HANGUL, path)

    assert "<text" not in path.read_text(encoding="utf-8")


def test_equal_maps_are_equal_files(tmp_path: Path) -> None:
    """The same map gives the same file, byte for byte."""
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    draw(LATIN, first)
    draw(LATIN, second)

    assert first.read_bytes() == second.read_bytes()


def test_missing_characters_are_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters that no font has are reported, and the picture is still written."""
    monkeypatch.setattr(font, "_installed", lambda: [])

    assert draw(HANGUL, tmp_path / "map.png") == {"나", "는"}
    assert (tmp_path / "map.png").exists()


@pytest.mark.parametrize(
    "attention",
    [
        AttentionMap(("</s>",), (), ()),
        AttentionMap(("$5", "$6", "</s>"), ("$", "^_"), ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))),
        AttentionMap(("long " * 20,) * 30, ("x",) * 30, ((1 / 30,) * 30,) * 30),
    ],
)
def test_unusual_maps(tmp_path: Path, attention: AttentionMap) -> None:
    """Empty targets, mathematical symbols and large maps can be drawn."""
    path = tmp_path / "map.png"
    draw(attention, path)

    assert path.stat().st_size > 0


def test_size_is_bounded(tmp_path: Path) -> None:
    """A very large map is drawn at a lower resolution, to limit memory."""
    path = tmp_path / "map.png"
    draw(AttentionMap(("x",) * 200, ("y",), ((1 / 200,) * 200,)), path)
    width = int.from_bytes(path.read_bytes()[16:20])

    assert 4000 < width < 9000


def test_pixels() -> None:
    """A map can be drawn without a file, in the colours of its weights."""
    drawn = pixels(LATIN)
    height, width, colours = drawn.shape
    assert drawn.dtype == np.uint8
    assert colours == 3
    assert min(height, width) > 80
    # the darkest blue marks the largest weights
    assert (drawn.astype(int).sum(axis=2) < 280).any()
