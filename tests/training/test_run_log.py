"""The log of a run."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from jumok.pictures.attention_map import AttentionMap
from jumok.training.run_log import ATTENTION_NAME, METRICS_NAME, RunLog

MAP = AttentionMap(("나는\u2028", "</s>"), ("I",), ((0.87654, 0.12346),))


def lines(run: Path, name: str = METRICS_NAME) -> list[dict[str, Any]]:
    """Read a file of the log."""
    return [json.loads(line) for line in (run / name).read_text("utf-8").split("\n") if line]


def test_figures(tmp_path: Path) -> None:
    """Summaries go to stderr, figures to the file and to TensorBoard."""
    with RunLog(tmp_path / "run", steps=10, first_step=0) as log:
        log.advance(1)
        log.figures(1, {"train/loss": 0.1 + 0.2}, "loss 0.300")
        assert lines(tmp_path / "run") == [{"step": 1, "train/loss": 0.1 + 0.2}]
    assert [*(tmp_path / "run" / "tensorboard").iterdir()]


def test_resumed(tmp_path: Path) -> None:
    """Lines after the checkpoint's step, including incomplete ones, are discarded."""
    with RunLog(tmp_path, steps=10, first_step=0) as log:
        for step in range(1, 6):
            log.figures(step, {"train/loss": step}, "")
    with (tmp_path / METRICS_NAME).open("a") as file:
        file.write('{"step": 6, "train/lo')
    with RunLog(tmp_path, steps=10, first_step=3) as log:
        log.figures(4, {"train/loss": 40}, "")
    assert [line["train/loss"] for line in lines(tmp_path)] == [1, 2, 3, 40]


def test_attention(tmp_path: Path) -> None:
    """Attention is a line of words and short weights, and a picture in TensorBoard."""
    with RunLog(tmp_path, steps=10, first_step=0) as log:
        log.attention(5, 2, MAP, "I am")
        assert lines(tmp_path, ATTENTION_NAME) == [
            {
                "step": 5,
                "sentence": 2,
                "source": ["나는\u2028", "</s>"],
                "target": ["I"],
                "reference": "I am",
                "weights": [[0.877, 0.123]],
            }
        ]
    [events] = (tmp_path / "tensorboard").iterdir()
    assert b"attention/2" in events.read_bytes()


def test_attention_resumed(tmp_path: Path) -> None:
    """An evaluation that is repeated after a resumption has its lines once."""
    with RunLog(tmp_path, steps=20, first_step=0) as log:
        for step in (5, 10, 15):
            log.attention(step, 1, MAP, "old")
    with (tmp_path / ATTENTION_NAME).open("a") as file:
        file.write('{"step": 20, "sen')
    with RunLog(tmp_path, steps=20, first_step=5) as log:
        log.attention(10, 1, MAP, "new")
    found = [(line["step"], line["reference"]) for line in lines(tmp_path, ATTENTION_NAME)]
    assert found == [(5, "old"), (10, "new")]


def test_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log of other processes shows and writes nothing."""
    with RunLog(tmp_path / "run", steps=10, first_step=0, speaks=False) as log:
        log.say("something")
        log.advance(1)
        log.figures(1, {"train/loss": 1}, "loss 1.000")
        log.attention(1, 1, MAP, "I am")
    assert capsys.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first step on, lines show the number of steps, the time spent and the time left."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with RunLog(tmp_path / "run", steps=300, first_step=100) as log:
        log.begin()
        now += 30
        log.advance(101)
        now += 15
        log.figures(150, {"train/loss": 1}, "loss 1.000")
    assert capsys.readouterr().err.splitlines() == [
        "step 101 of 300 (0:30, 1:39:30 left): the first step is done",
        "step 150 of 300 (0:45, 2:15 left): loss 1.000",
    ]
