"""`jumok evaluate`."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from client.command import main

Toy = Callable[..., Path]


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str, str]:
    """Run the command in this process: exit status, stdout, stderr."""
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *(str(argument) for argument in arguments)])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_evaluate(
    tiny_run: Path,
    tiny_configuration: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each score is printed with sacreBLEU's signature, and all figures are in the file."""
    file = tmp_path / "scores.json"
    status, out, _ = evaluate(capsys, tiny_run, tiny_configuration, "--json", file, "--examples", 2)
    assert status == 0
    assert out.count("  source     ") == out.count("  output     ") == 2
    assert "test: 40 sentences, step 300\n" in out
    figures = json.loads(file.read_text("utf-8"))
    assert (figures["sentences"], figures["step"]) == (40, 300)
    assert len(figures["translations"]) == 40
    for label, name in (
        ("BLEU", "bleu"),
        ("BLEU lower-cased", "bleu_lowercased"),
        ("chrF", "chrf"),
    ):
        line = re.search(rf"^{label} +([0-9.]+)   (nrefs:1\|case:\S+)$", out, re.MULTILINE)
        assert line is not None
        assert float(line[1]) == pytest.approx(figures[name], abs=0.005)
        assert line[2] == figures["signatures"][name]
        assert "version:" in line[2]
    assert re.search(r"^exact +0\.0%$", out, re.MULTILINE)
    assert re.search(r"^AER +0\.\d{3}   precision 0\.\d{3}, recall 0\.\d{3}", out, re.MULTILINE)
    assert 0 < figures["alignment"]["error_rate"] < 1


def test_development_part(
    tiny_run: Path, tiny_configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the development part the score is the one of the training."""
    _, out, _ = evaluate(capsys, tiny_run, tiny_configuration, "--part", "dev", "--examples", 0)
    assert "  source" not in out
    lines = (tiny_run / "metrics.jsonl").read_text("utf-8").splitlines()
    assert f" {json.loads(lines[-1])['dev/bleu']:.2f} " in out


def test_no_such_part(tiny_run: Path, toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration without a test part is refused in one line."""
    configuration = toy(steps=1)
    status, _, err = evaluate(capsys, tiny_run, configuration)
    assert (status, err) == (1, f"jumok evaluate: {configuration} gives no test pair\n")


def test_no_checkpoint(
    tiny_configuration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without a checkpoint is refused in one line."""
    status, _, err = evaluate(capsys, tmp_path, tiny_configuration)
    assert status == 1
    assert err == (f"jumok evaluate: {tmp_path} holds no checkpoint; make one with `jumok train`\n")


def test_no_place_for_figures(
    tiny_run: Path,
    tiny_configuration: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that cannot be written costs a line, not the scores."""
    file = tmp_path / "nowhere" / "scores.json"
    status, out, err = evaluate(capsys, tiny_run, tiny_configuration, "--json", file)
    assert (status, err) == (1, f"jumok evaluate: {file}: No such file or directory\n")
    assert "BLEU" in out
