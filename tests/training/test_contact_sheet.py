"""Evaluations of a run side by side."""

import json
from pathlib import Path

import pytest
from matplotlib.image import imread

from jumok.training.contact_sheet import evenly, main
from jumok.training.run_log import ATTENTION_NAME


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of five evaluations of three sentences, the last of them incomplete."""
    line = {"source": ["나는", "</s>"], "target": ["I"], "reference": "$I", "weights": [[0.9, 0.1]]}
    lines = [
        json.dumps({"step": step, "sentence": sentence, **line})
        for step in (10, 20, 30, 40, 50)
        for sentence in (1, 2, 3)
    ]
    (tmp_path / ATTENTION_NAME).write_text("\n".join([*lines, '{"step": 60, "se']), "utf-8")
    return tmp_path


def test_steps_and_sentences(run: Path) -> None:
    """There is a row for each step and a column for each sentence."""
    sizes = []
    for at, sentences in (([10], 1), ([10, 50], 1), ([10], 3), (None, 1)):
        path = run / "sheet.png"
        main(run, path, at, sentences)
        height, width, _ = imread(path).shape
        sizes.append((height, width))

    (height, width), higher, wider, default = sizes
    gap = 30
    assert higher == (2 * height - 2 * gap, width)
    assert wider == (height, 3 * width - 2 * gap)
    assert default == (4 * height - 6 * gap, width)


def test_evenly() -> None:
    """The first and the last step are among those chosen; a short run has fewer."""
    assert evenly([10, 20, 30, 40, 50, 60, 70], 4) == [10, 30, 50, 70]
    assert evenly([10, 20], 4) == [10, 20]


def test_wrong_input(run: Path, tmp_path: Path) -> None:
    """A step without an evaluation and a folder that is no run give one sentence."""
    with pytest.raises(SystemExit, match="step 15 has no evaluation: choose from 10, 20, 30"):
        main(run, run / "sheet.png", [15])
    with pytest.raises(SystemExit, match=r"none has no attention\.jsonl"):
        main(tmp_path / "none", run / "sheet.png")
    with pytest.raises(SystemExit, match="error: "):
        main(run, run / "none" / "sheet.png")
