"""The output folder of an evaluation."""

import re
from pathlib import Path

from jumok.evaluation.output import write_output
from jumok.evaluation.report import read_report
from tests.evaluation.conftest import measured, report


def test_everything(tmp_path: Path) -> None:
    """The report is written as JSON and Markdown, with all pictures that it shows."""
    sets = [measured("one/../two"), measured("three")]
    written = report(*sets)
    write_output(tmp_path, written, sets, 2)
    assert read_report(tmp_path / "report.json") == written
    shown = re.findall(r"]\((.*?)\)", (tmp_path / "report.md").read_text("utf-8"))
    drawn = {path.name for path in tmp_path.iterdir() if path.suffix == ".png"}
    assert set(shown) == drawn
    assert {"1-one-..-two-lengths.png", "2-three-lengths.png"} < drawn
    assert "2-three-attention-1.png" in drawn


def test_no_attention(tmp_path: Path) -> None:
    """If all attention is 0, no attention map is drawn."""
    found = measured()
    blind = found.report.model_copy(update={"attention": None})
    written = report().model_copy(update={"sets": (blind,)})
    found = type(found)(blind, found.translations)
    write_output(tmp_path, written, [found], 1)
    assert not list(tmp_path.glob("*attention*"))
