"""Reports as files."""

import json
from pathlib import Path

import pytest

from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.report import read_report, write_report
from tests.evaluation.conftest import report


def test_round_trip(tmp_path: Path) -> None:
    """A report that is written and read is equal."""
    written = report()
    write_report(written, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == written


def test_names(tmp_path: Path) -> None:
    """Figures have the names that scripts rely on."""
    write_report(report(), tmp_path / "report.json")
    content = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (content["format"], content["format_version"]) == ("jumok.evaluation", 1)
    assert content["system"]["step"] == 1200
    assert content["options"]["beam"] == 2
    (found,) = content["sets"]
    assert set(found) == {
        *("name", "sentences", "text", "bleu_interval", "length_ratio", "by_length"),
        *("likelihood", "alignment", "attention", "reliability", "decoding", "translations"),
    }
    assert set(found["text"]["signatures"]) == {
        *("bleu", "bleu_lowercased", "chrf", "chrf_lowercased")
    }
    assert found["alignment"]["writes"]["error_rate"] == 0
    assert found["by_length"][0]["interval"].keys() == {"low", "high"}
    assert found["translations"][0]["source"] == "나는 학생입니다"


def test_later_names(tmp_path: Path) -> None:
    """Unknown fields, which later versions may add, are ignored."""
    written = report()
    content = json.loads(written.model_dump_json())
    content["sets"][0]["beauty"] = 1
    (tmp_path / "report.json").write_text(json.dumps(content), "utf-8")
    assert read_report(tmp_path / "report.json") == written


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": "jumok.bundle"}'])
def test_no_report(tmp_path: Path, content: str) -> None:
    """A file that is not a report is refused in one sentence."""
    path = tmp_path / "report.json"
    path.write_text(content, "utf-8")
    with pytest.raises(EvaluationError, match=r"report\.json is not a report of this version"):
        read_report(path)


def test_missing(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(EvaluationError, match=r"a\.json cannot be read: No such file"):
        read_report(tmp_path / "a.json")
