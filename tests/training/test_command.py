"""`jumok train`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from jumok.cli.command import main
from jumok.training.checkpoint import load_checkpoint
from jumok.training.configuration import DEFAULT_CONFIGURATION, Configuration, load_configuration

Toy = Callable[..., Path]


def jumok(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str, str]:
    """Run the command in this process: exit status, stdout, stderr."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_print_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a configuration it prints the default one, every key of it, and trains nothing."""
    status, out, _ = jumok(capsys, "train", "--print-config")
    assert status == 0
    printed = json.loads(out)
    assert Configuration.model_validate(printed) == load_configuration(DEFAULT_CONFIGURATION)
    assert printed["training"]["gradient_norm"] == 1.0


def test_print_what_is_in_force(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    """An option of the command stands above the file."""
    _, out, _ = jumok(capsys, "train", toy(steps=5), "--steps", 7, "--print-config")
    assert json.loads(out)["training"]["steps"] == 7


def test_train(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It trains into the folder named and ends with one line that says how far and how well."""
    status, out, err = jumok(capsys, "train", toy(steps=5), "--output", tmp_path / "run")
    assert status == 0
    assert out == f"{tmp_path}/run: 5 steps, best development BLEU 0.00\n"
    assert "toy: 70 training, 10 development pairs\n" in err
    assert "step 5: dev BLEU 0.00, chrF " in err
    assert load_checkpoint(tmp_path / "run").progress.step == 5


def test_default_folder(
    toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a folder it is one under runs, named as the configuration."""
    configuration = toy(steps=1)
    monkeypatch.chdir(tmp_path)
    assert jumok(capsys, "train", configuration)[0] == 0
    assert load_checkpoint(tmp_path / "runs" / "toy").progress.step == 1


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("\nsteps = 1", "\nstep = 1", "training.steps: Field required; training.step: Extra"),
        ('path = "dev.tsv"', 'path = "nowhere.tsv"', "nowhere.tsv cannot be read: No such file"),
        ("vocabulary_size = 340", "vocabulary_size = 262", "raise tokenization.vocabulary_size"),
    ],
)
def test_wrong(
    toy: Toy,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    complaint: str,
) -> None:
    """What is wrong with a configuration is one line, without a traceback."""
    configuration = toy(steps=1)
    content = configuration.read_text("utf-8")
    assert old in content
    configuration.write_text(content.replace(old, new), "utf-8")
    status, out, err = jumok(capsys, "train", configuration, "--output", tmp_path / "run")
    assert (status, out) == (1, "")
    assert err.startswith("jumok train: ")
    assert complaint in err
    assert err.count("\n") == 1


def test_output_is_a_file(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where the folder should be is one line, without a traceback."""
    (tmp_path / "run").touch()
    status, _, err = jumok(capsys, "train", toy(steps=1), "--output", tmp_path / "run")
    assert (status, err) == (1, f"jumok train: {tmp_path}/run: File exists\n")


def test_other_configuration(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another configuration in the folder of a run is refused with the way out."""
    jumok(capsys, "train", toy(steps=1), "--output", tmp_path / "run")
    status, _, err = jumok(
        capsys, "train", toy(steps=1), "--steps", 2, "--output", tmp_path / "run"
    )
    assert status == 1
    assert "choose another --output, or delete it to start over" in err
