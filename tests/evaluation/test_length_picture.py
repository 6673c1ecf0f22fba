"""The plot of BLEU by source length."""

from pathlib import Path

import pytest

from jumok.evaluation.length_picture import draw_lengths
from jumok.evaluation.report import Interval, LengthScore
from jumok.pictures import font


def score(first: int, last: int | None, bleu: float, sentences: int = 1234) -> LengthScore:
    interval = Interval(low=bleu - 5, high=bleu + 5)
    return LengthScore(first=first, last=last, sentences=sentences, bleu=bleu, interval=interval)


SHORT = [score(1, 5, 30), score(6, 10, 25)]
LONG = [score(6, 10, 35), score(61, None, 20)]


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_kinds(tmp_path: Path, ending: str, start: bytes) -> None:
    """The suffix of the file selects the format."""
    path = tmp_path / f"lengths{ending}"
    draw_lengths({"toy": SHORT}, path)
    assert path.read_bytes().startswith(start)


def test_several_systems(tmp_path: Path) -> None:
    """Several systems are drawn in one plot, even with different lengths and Korean names."""
    one, two = tmp_path / "1.svg", tmp_path / "2.svg"
    draw_lengths({"toy": SHORT}, one)
    draw_lengths({"toy": SHORT, "장난감 $x$": LONG}, two)
    assert two.stat().st_size > one.stat().st_size


def test_missing_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters of names that no font has are returned if names are shown."""
    monkeypatch.setattr(font, "_installed", lambda: [])
    assert draw_lengths({"장난감": SHORT, "toy": LONG}, tmp_path / "2.png") == {*"장난감"}
    assert draw_lengths({"장난감": SHORT}, tmp_path / "1.png") == set()
    assert (tmp_path / "2.png").stat().st_size > (tmp_path / "1.png").stat().st_size


def test_few_sentences(tmp_path: Path) -> None:
    """Groups of fewer than ten sentences are omitted unless all are that small."""
    few = [score(6, 10, 25, sentences=9), score(11, 15, 50, sentences=2)]
    pictures = {"few": few, "most": [*SHORT, few[1]], "all": SHORT, "enough": [score(1, 5, 3, 10)]}
    for name, scores in pictures.items():
        draw_lengths({"toy": scores}, tmp_path / f"{name}.svg")
    drawn = {name: (tmp_path / f"{name}.svg").read_bytes() for name in pictures}
    assert drawn["most"] == drawn["all"]
    assert drawn["few"].count(b"<use") > drawn["enough"].count(b"<use")


def test_same_file(tmp_path: Path) -> None:
    """Equal scores give identical files."""
    for name in ("1.svg", "2.svg"):
        draw_lengths({"toy": LONG}, tmp_path / name)
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()


def test_interval_without_score(tmp_path: Path) -> None:
    """An interval that does not contain the score, as can happen with one sentence, is drawn."""
    odd = LengthScore(first=1, last=5, sentences=1, bleu=50, interval=Interval(low=51, high=52))
    draw_lengths({"toy": [odd]}, tmp_path / "odd.png")
    assert (tmp_path / "odd.png").exists()
