"""`jumok evaluate`."""

import json
from pathlib import Path

import pytest

from jumok.cli.command import main
from jumok.evaluation.report import Report, read_report

GERMAN = """\
[data]
source_language = "de"
target_language = "en"
[[data.tsv]]
path = "pairs.tsv"
part = "test"
"""


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str, str]:
    """Run the command in this process; return exit status, stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *(str(argument) for argument in arguments)])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_checkpoint_and_bundle(
    tiny_run: Path,
    tiny_bundle: Path,
    tiny_configuration: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A bundle has the same scores as its checkpoint, and they are printed."""
    reports: list[Report] = []
    for system in (tiny_run, tiny_bundle):
        folder, figures = tmp_path / str(len(reports)), tmp_path / "figures.json"
        options = ("--limit", 20, "--device", "cpu", "--output", folder, "--json", figures)
        status, out, _ = evaluate(capsys, system, tiny_configuration, *options)
        assert status == 0
        reports.append(read_report(folder / "report.json"))
        assert read_report(figures) == reports[-1].without_sentences()
        assert reports[-1].sets[0].translations[0].source not in figures.read_text("utf-8")
        (found,) = reports[-1].sets
        assert f"{found.name}  20 sentences" in out
        assert f" {found.text.bleu:.2f}  {found.text.signatures['bleu']}" in out
        assert reports[-1].options.beam == 5
    checkpoint, bundle = (report.sets[0] for report in reports)
    assert checkpoint.text == bundle.text
    assert checkpoint.by_length == bundle.by_length
    assert checkpoint.alignment == bundle.alignment
    assert checkpoint.likelihood.loss == pytest.approx(bundle.likelihood.loss, abs=1e-5)
    assert [sentence.hypothesis for sentence in checkpoint.translations] == [
        sentence.hypothesis for sentence in bundle.translations
    ]
    assert checkpoint.attention is not None
    assert bundle.attention is not None
    assert checkpoint.attention.entropy == pytest.approx(bundle.attention.entropy, abs=1e-5)


def test_as_in_training(
    tiny_run: Path, tiny_configuration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Greedy scores on the development set equal those of the training."""
    file = tmp_path / "report.json"
    options = ("--part", "dev", "--beam", 1, "--examples", 0, "--device", "cpu", "--json", file)
    _, out, _ = evaluate(capsys, tiny_run, tiny_configuration, *options)
    assert "Worst" not in out
    lines = (tiny_run / "metrics.jsonl").read_text("utf-8").splitlines()
    figures = json.loads(lines[-1])
    (found,) = read_report(file).sets
    assert found.text.bleu == pytest.approx(figures["dev/bleu"])
    assert found.text.chrf == pytest.approx(figures["dev/chrf"])


def test_folder(
    tiny_run: Path, tiny_configuration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The output folder has the report as JSON and Markdown, and pictures."""
    folder = tmp_path / "new" / "folder"
    options = ("--output", folder, "--limit", 4, "--beam", 1, "--set", "embedded")
    status, out, _ = evaluate(capsys, tiny_run, tiny_configuration, *options)
    assert status == 0
    assert out.endswith(f"{folder}/report.md\n")
    assert {path.suffix for path in folder.iterdir()} == {".json", ".md", ".png"}


def test_tsv(tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of sources and references can be evaluated."""
    (tmp_path / "pairs.tsv").write_text("나는 학생입니다\tI am a student\n", "utf-8")
    status, out, _ = evaluate(capsys, tiny_run, tmp_path / "pairs.tsv")
    assert status == 0
    assert "pairs  1 sentence\n" in out


def test_refused(
    tiny_run: Path, tiny_configuration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """User errors are reported in one line before anything is translated."""
    nowhere = tmp_path / "nowhere" / "report.json"
    (tmp_path / "pairs.tsv").write_text("Wasser\twater\n", "utf-8")
    german = tmp_path / "german.toml"
    german.write_text(GERMAN, "utf-8")
    for arguments, sentence in (
        ((tmp_path, tiny_configuration), f"{tmp_path} holds neither a checkpoint nor a bundle"),
        (
            (tiny_run, tiny_configuration, "--set", "x"),
            "has no test set 'x'; its sets are embedded",
        ),
        ((tiny_run, tiny_configuration, "--json", nowhere), "nowhere is not a folder; create it"),
        ((tiny_run, german), "translates ko to en, but the data are de to en"),
    ):
        status, out, err = evaluate(capsys, *arguments)
        assert (status, out) == (1, "")
        assert err.startswith("jumok evaluate: ")
        assert err.count("\n") == 1
        assert sentence in err
