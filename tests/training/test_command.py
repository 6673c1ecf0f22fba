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
    """Run the command in this process; return exit status, stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_print_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a configuration, the default one is printed with all its keys."""
    status, out, _ = jumok(capsys, "train", "--print-config")
    assert status == 0
    printed = json.loads(out)
    assert Configuration.model_validate(printed) == load_configuration(DEFAULT_CONFIGURATION)
    assert printed["training"]["gradient_norm"] == 1.0


def test_print_configuration(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    """An option of the command overrides the file."""
    _, out, _ = jumok(capsys, "train", toy(steps=5), "--steps", 7, "--print-config")
    assert json.loads(out)["training"]["steps"] == 7


def test_train(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It trains into the given folder and ends with one line of steps and BLEU."""
    status, out, err = jumok(capsys, "train", toy(steps=5), "--output", tmp_path / "run")
    assert status == 0
    assert out == f"{tmp_path}/run: 5 of 5 steps, best development BLEU 0.00 at step 5\n"
    assert "toy: 70 training, 10 development pairs\n" in err
    assert "step 1 of 5 (0:0" in err
    assert "step 5 of 5 (0:0" in err
    assert " left): dev BLEU 0.00 (13a), chrF " in err
    assert load_checkpoint(tmp_path / "run").progress.step == 5
    status, out, err = jumok(capsys, "train", toy(steps=5), "--output", tmp_path / "run")
    assert status == 0
    assert "all steps are done; raise training.steps to continue\n" in err


def test_stopped_early(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A training without improvement says why it stopped and which step was the best."""
    path = toy(steps=100, evaluate_every=2, patience=3, learning_rate=1e-9)
    for _ in range(2):  # the same command again says the same
        status, out, _ = jumok(capsys, "train", path, "--output", tmp_path / "run")
        assert status == 0
        assert out == (
            f"{tmp_path}/run: 8 of 100 steps, best development BLEU 0.00 at step 2\n"
            "stopped early: no better BLEU in 3 evaluations; raise training.patience to continue\n"
        )


def test_long_warm_up(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A warm-up that is longer than the training is a warning."""
    path = toy(steps=5)
    _, _, err = jumok(capsys, "train", path, "--output", tmp_path / "run")
    assert "warning: the learning rate rises during all 5 steps, since training.warmup" in err


def test_divergence(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A training that diverges fails in one line and keeps its last checkpoint."""
    path = toy(steps=40, evaluate_every=2, learning_rate=1e38, gradient_norm=1e38)
    status, _, err = jumok(capsys, "train", path, "--output", tmp_path / "run")
    assert status == 1
    assert "jumok train: the training diverged: the loss or a gradient of step" in err
    assert "Traceback" not in err


def test_too_few_steps(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A trial with fewer steps than final steps would train on the final files only."""
    path = toy(steps=9, final_steps=5)
    content = path.read_text("utf-8").replace('"train.tsv"', '"train.tsv"\nfinal = true')
    path.write_text(content, "utf-8")
    status, _, err = jumok(capsys, "train", path, "--steps", 4, "--output", tmp_path / "run")
    assert (status, err) == (
        1,
        "jumok train: --steps 4 must be more than training.final_steps = 5\n",
    )


def test_default_folder(
    toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default folder is in runs and named after the configuration."""
    configuration = toy(steps=1)
    monkeypatch.chdir(tmp_path)
    assert jumok(capsys, "train", configuration)[0] == 0
    assert load_checkpoint(tmp_path / "runs" / "toy").progress.step == 1


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("\nsteps = 1", "\nstep = 1", "training.steps is missing; training.step is not"),
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
    """An invalid configuration is reported in one line, without a traceback."""
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
    """If the output is a file, that is reported in one line, without a traceback."""
    (tmp_path / "run").touch()
    status, _, err = jumok(capsys, "train", toy(steps=1), "--output", tmp_path / "run")
    assert (status, err) == (1, f"jumok train: {tmp_path}/run: File exists\n")


def test_other_configuration(toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run with another configuration is refused; the message says what to do."""
    jumok(capsys, "train", toy(steps=1), "--output", tmp_path / "run")
    status, _, err = jumok(capsys, "train", toy(steps=1, seed=2), "--output", tmp_path / "run")
    assert status == 1
    assert "choose another --output, or delete it to start over" in err
