"""`jumok compare`."""

import json
from pathlib import Path
from typing import Any

import pytest

from jumok.cli.command import main
from jumok.evaluation.compare_command import _names
from jumok.evaluation.report import Report, write_report
from jumok.pictures import font
from tests.evaluation.conftest import measured, report


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str, str]:
    """Run the command in this process; return exit status, stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main(["compare", *(str(argument) for argument in arguments)])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def saved(path: Path, found: Report) -> Path:
    write_report(found, path)
    return path


def test_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scores, differences and p-values are printed and written."""
    one = saved(tmp_path / "1.json", report())
    two = saved(tmp_path / "2.json", report(measured(changed={"물": "water"}), name="other"))
    status, out, _ = run(capsys, one, two, "--json", tmp_path / "compared.json")
    assert status == 0
    assert out.startswith("baseline  toy.ko-en (")
    assert "\nsystem    other (" in out
    assert "1 better, 0 worse of 3" in out
    content = json.loads((tmp_path / "compared.json").read_text("utf-8"))
    (system,) = content["systems"]
    bleu = system["sets"][0]["differences"][0]
    assert f"{bleu['baseline']:.2f}" in out
    assert f"{bleu['system'] - bleu['baseline']:+.2f}" in out
    assert bleu["signature"] in out


def test_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All systems are drawn in one plot for each set, even if they have the same name."""
    sets = [measured("one"), measured("two")]
    paths = [saved(tmp_path / f"{n}.json", report(*sets)) for n in range(3)]
    status, out, _ = run(capsys, *paths, "--plot", tmp_path / "lengths.svg")
    assert status == 0
    assert out.count("system    ") == 2
    for number in (1, 2):
        assert (tmp_path / f"lengths-{number}.svg").is_file()
        assert f"lengths-{number}.svg" in out


def test_no_font(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that no font can show is reported in one line; the plot is still drawn."""
    monkeypatch.setattr(font, "_installed", lambda: [])
    paths = [saved(tmp_path / f"{name}.json", report(name=name)) for name in ("toy", "장난감")]
    status, out, err = run(capsys, *paths, "--plot", tmp_path / "lengths.png")
    assert status == 0
    assert out.endswith("lengths.png\n")
    assert err.startswith("jumok compare: no installed font has Hangul: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("reports", "names"),
    [
        ([{"name": "a"}, {"name": "b"}], ["a", "b"]),
        ([{"path": "runs/one"}, {"path": "runs/two"}], ["one", "two"]),
        ([{"beam": 1}, {"beam": 5}], ["toy, beam 1", "toy, beam 5"]),
        ([{}, {}], ["1: toy, beam 2", "2: toy, beam 2"]),
    ],
)
def test_names(reports: list[dict[str, Any]], names: list[str]) -> None:
    """Systems in a plot have names that are different."""
    assert _names([report(**keywords) for keywords in reports]) == names


def test_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be compared or plotted is refused in one line."""
    one = saved(tmp_path / "1.json", report())
    other = saved(tmp_path / "2.json", report(measured("other")))
    for arguments, sentence in (
        ((one,), "one report is not enough to compare: name two or more report.json"),
        (
            (one, tmp_path / "3.json"),
            f"{tmp_path}/3.json cannot be read: No such file or directory",
        ),
        ((one, one, "--plot", "a.txt"), "a.txt: choose a name that ends in .png, .svg, .pdf"),
    ):
        assert run(capsys, *arguments) == (1, "", f"jumok compare: {sentence}\n")
    status, _, err = run(capsys, one, other)
    assert status == 1
    assert "different sets (toy and other)" in err


def test_no_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Reports without sentences are refused; the message names the right file."""
    one = saved(tmp_path / "1.json", report())
    two = saved(tmp_path / "2.json", report(path="runs/other").without_sentences())
    status, out, err = run(capsys, one, two)
    assert (status, out) == (1, "")
    assert err == (
        "jumok compare: the report of runs/other has no sentences to compare: use the "
        "report.json that `jumok evaluate --output FOLDER` writes\n"
    )
