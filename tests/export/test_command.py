"""`jumok export`."""

import re
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from jumok.bundle.folder import load_bundle
from jumok.cli.command import main
from jumok.export import command
from jumok.export.parity_report import ParityReport, PrecisionParity
from jumok.training.checkpoint import Checkpoint


def export(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str, str]:
    """Run the command in this process: exit status, stdout, stderr."""
    with pytest.raises(SystemExit) as ended:
        main(["export", *(str(argument) for argument in arguments)])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_export(
    quick: Callable[..., Checkpoint],
    tiny_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It prints the differences of each provider from PyTorch, then the path of the bundle."""
    quick()
    bundle = tmp_path / "bundle"
    status, out, err = export(capsys, tiny_run, bundle, "--name", "other")
    assert (status, err) == (0, "")
    first, last = out.splitlines()
    assert re.match(
        r"CPUExecutionProvider: \d+ of 300 sentences identical to PyTorch's(, \d+ ties)?; "
        r"largest differences: encoder \d\.\de-\d\d, state ",
        first,
    )
    assert last == str(bundle)
    assert load_bundle(bundle).manifest.name == "other"


def test_precisions(
    tiny_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Graphs are added in each requested precision, and its effect is printed."""
    near = PrecisionParity(
        sentences=300, identical=297, bleu=98.76, chrf=99.54, company_tokens=1, company_attention=0
    )
    asked: list[object] = []

    def answer(*arguments: object) -> ParityReport:
        asked.extend(arguments)
        return ParityReport(
            tolerance=1e-5, batch_sizes=(1, 33), lengths=(1, 41), providers={}, float16=near
        )

    monkeypatch.setattr(command, "export_bundle", answer)
    options = ["--precision", "float16", "--precision", "int8"]
    status, out, err = export(capsys, tiny_run, tmp_path / "bundle", *options)
    assert (status, err) == (0, "")
    assert asked[-1] == ["float16", "int8"]
    assert out.splitlines()[0] == (
        "float16 on CPUExecutionProvider: 297 of 300 sentences identical to float32, BLEU 98.8 and "
        "chrF 99.5 against it; 1 translations change when batched with others, attention by up to "
        "0.0e+00"
    )


def test_no_parity(
    quick: Callable[..., Checkpoint],
    tiny_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without parity, the command prints one line and writes no bundle."""

    def drop_lengths(model: onnx.ModelProto) -> None:
        (gru,) = (node for node in model.graph.node if node.op_type == "GRU")
        gru.input[4] = ""

    quick(encoder=drop_lengths)
    status, out, err = export(capsys, tiny_run, tmp_path / "bundle")
    assert (status, out) == (1, "")
    assert re.fullmatch(r"jumok export: parity on .*; nothing was written\n", err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("file", "exists and is not a bundle: choose another folder"),
        ("", "exists and is not a bundle: choose another folder"),
        ("file/bundle", "file: File exists"),
    ],
)
def test_wrong_place(
    tiny_run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    place: str,
    complaint: str,
) -> None:
    """A path where no bundle can be written gives one line, without a traceback."""
    (tmp_path / "file").touch()
    status, _, err = export(capsys, tiny_run, tmp_path / place)
    assert status == 1
    assert complaint in err
    assert err.count("\n") == 1


def test_no_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a checkpoint gives one line."""
    status, _, err = export(capsys, tmp_path, tmp_path / "bundle")
    assert status == 1
    assert err == f"jumok export: {tmp_path} holds no checkpoint; make one with `jumok train`\n"
