"""What a training has recorded."""

import json
from pathlib import Path
from typing import Any

import pytest

from jumok.gateway.errors import GatewayError
from jumok.gateway.training_run import TrainingRun

FIGURES = {"step": 10, "train/loss": 5.5}
ATTENTION = {
    "step": 10,
    "sentence": 1,
    "source": ["나는", "</s>"],
    "target": ["I"],
    "reference": "I am",
    "weights": [[0.9, 0.1]],
}


def write(run: Path, name: str, *lines: Any, rest: str = "") -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (run / name).write_text(text + rest, "utf-8")


def test_content(tmp_path: Path) -> None:
    """The name of the run, its figures and its attention are read from the folder."""
    run = tmp_path / "ko-en"
    run.mkdir()
    write(run, "metrics.jsonl", FIGURES)
    write(run, "attention.jsonl", ATTENTION)

    assert TrainingRun(run).content() == {
        "name": "ko-en",
        "metrics": [FIGURES],
        "attention": [ATTENTION],
    }


@pytest.mark.parametrize("rest", ['{"step": 20, "train/lo', "[1, 2]\n", '{"step": "x"}\n', "\n"])
def test_incomplete_lines_are_left_out(tmp_path: Path, rest: str) -> None:
    """A line that is being written is left out, as is one that is no record of a step."""
    write(tmp_path, "metrics.jsonl", FIGURES, rest=rest)
    write(tmp_path, "attention.jsonl", ATTENTION, rest=rest)

    content = TrainingRun(tmp_path).content()
    assert (content["metrics"], content["attention"]) == ([FIGURES], [ATTENTION])


def test_half_of_a_character(tmp_path: Path) -> None:
    """A line that ends within a character is incomplete like any other."""
    write(tmp_path, "metrics.jsonl", FIGURES)
    with (tmp_path / "attention.jsonl").open("wb") as file:
        file.write('{"step": 10, "source": ["나'.encode()[:-1])

    assert TrainingRun(tmp_path).content()["attention"] == []


def test_figures_that_json_lacks(tmp_path: Path) -> None:
    """NaN, which Python writes but JSON does not have, becomes null."""
    write(tmp_path, "metrics.jsonl", rest='{"step": 1, "train/loss": NaN}\n')

    assert TrainingRun(tmp_path).content()["metrics"] == [{"step": 1, "train/loss": None}]


def test_run_of_an_earlier_version(tmp_path: Path) -> None:
    """A run without attention has its figures."""
    write(tmp_path, "metrics.jsonl", FIGURES)

    assert TrainingRun(tmp_path).content()["attention"] == []


def test_tag_changes_with_the_files(tmp_path: Path) -> None:
    """The tag is another once a line was added to either file, and only then."""
    write(tmp_path, "metrics.jsonl", FIGURES)
    run = TrainingRun(tmp_path)
    tags = [run.tag(), run.tag()]
    write(tmp_path, "attention.jsonl", ATTENTION)
    tags.append(run.tag())
    write(tmp_path, "metrics.jsonl", FIGURES, FIGURES)
    tags.append(run.tag())

    assert tags[0] == tags[1]
    assert len(set(tags)) == 3
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)


def test_other_folders_are_refused(tmp_path: Path) -> None:
    """A folder without figures is no run, nor is a path that does not exist."""
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(GatewayError, match=r"is no run, since it has no metrics\.jsonl"):
            TrainingRun(folder)
