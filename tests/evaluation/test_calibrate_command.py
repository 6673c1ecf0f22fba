"""`jumok calibrate`."""

import shutil
from pathlib import Path

import pytest

from jumok.bundle.folder import load_bundle
from jumok.cli.command import main
from jumok.evaluation.report import read_report
from jumok.training.embedded.corpus import pairs


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str, str]:
    """Run a command in this process; return exit status, stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def write_pairs(path: Path, count: int) -> Path:
    lines = (f"{pair.source}\t{pair.target}\n" for pair in pairs("test", count, 1))
    path.write_text("".join(lines), "utf-8")
    return path


def test_bundle_gets_a_calibration(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The manifest has it, nothing else changes, and `jumok evaluate` reports how good it is."""
    before = load_bundle(bundle)
    data = write_pairs(tmp_path / "held-out.tsv", 150)

    status, out, _ = run(capsys, "calibrate", bundle, data)

    after = load_bundle(bundle)
    assert status == 0
    assert "150 translations" in out
    assert after.manifest.calibration is not None
    assert after.manifest.calibration.sentences == 150
    assert after.manifest.model_copy(update={"calibration": None}) == before.manifest
    assert after.fingerprint != before.fingerprint

    folder = tmp_path / "output"
    status, _, _ = run(capsys, "evaluate", bundle, data, "--beam", 1, "--output", folder)
    assert status == 0
    (found,) = read_report(folder / "report.json").sets
    assert found.reliability is not None
    assert sum(each.sentences for each in found.reliability.bins) == 150
    assert (folder / "1-held-out-reliability.png").is_file()
    assert "1-held-out-reliability.png" in (folder / "report.md").read_text("utf-8")


def test_too_few_sentences(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A handful of sentences says nothing: one sentence, and the bundle stays as it was."""
    before = (bundle / "manifest.json").read_bytes()

    status, out, err = run(capsys, "calibrate", bundle, write_pairs(tmp_path / "few.tsv", 20))

    assert status == 1
    assert out == ""
    assert "few.tsv has 20 sentences, too few to calibrate with: at least 100 are needed" in err
    assert (bundle / "manifest.json").read_bytes() == before


def test_checkpoint_is_refused(
    tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A checkpoint has no manifest to write to."""
    status, _, err = run(capsys, "calibrate", tiny_run, write_pairs(tmp_path / "some.tsv", 100))

    assert status == 1
    assert "is a checkpoint: export it, and calibrate the bundle" in err
