"""Processes that train together: two on Gloo give the same losses as one."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from jumok.training.configuration import load_configuration
from jumok.training.processes import Processes, joined, speaks
from jumok.training.run_log import METRICS_NAME
from jumok.training.trainer import train

STEPS = 8
Toy = Callable[..., Path]


def torchrun(configuration: Path, run: Path) -> subprocess.CompletedProcess[str]:
    """Run `jumok train` in two processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "jumok.cli", "train", str(configuration)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        [*command, "--output", str(run)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=280,
    )


def losses(run: Path) -> dict[int, float]:
    """Read the losses of a run, by step."""
    lines = map(json.loads, (run / METRICS_NAME).read_text("utf-8").splitlines())
    return {line["step"]: line["train/loss"] for line in lines if "train/loss" in line}


def test_alone() -> None:
    """A process not started by torchrun is the first and only one."""
    model, value = torch.nn.Linear(1, 1), torch.ones(1)
    with joined() as processes:
        assert processes == Processes(rank=0, count=1)
        assert processes.first
        assert processes.wrap(model) is model
        assert processes.add(value) is value
        assert processes.decide(True)
        assert not processes.decide(False)
        with processes.together(model, last=False):
            pass
    assert speaks()


def test_only_the_first_process_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the processes started by torchrun only the first one prints."""
    for rank in range(3):
        monkeypatch.setenv("RANK", str(rank))
        assert speaks() == (rank == 0)


def test_the_first_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions of other processes are ignored."""
    monkeypatch.setattr(Processes, "add", lambda processes, value: value)
    assert Processes(rank=0, count=2).decide(True)
    assert not Processes(rank=0, count=2).decide(False)
    assert not Processes(rank=1, count=2).decide(True)


def test_two(toy: Toy, tmp_path: Path) -> None:
    """Two processes have the losses of one with the same batches; only the first one writes."""
    configuration = toy(
        sampling=0.3,
        steps=STEPS,
        accumulate=2,
        amp="false",
        log_every=1,
        evaluate_every=STEPS,
    )
    content = configuration.read_text("utf-8")
    assert "dropout = 0.2" in content
    configuration.write_text(content.replace("dropout = 0.2", "dropout = 0.0"), "utf-8")
    train(load_configuration(configuration), configuration.parent, tmp_path / "alone")
    done = torchrun(configuration, tmp_path / "together")
    assert done.returncode == 0, done.stderr
    expected = losses(tmp_path / "alone")
    assert expected.keys() == set(range(1, STEPS + 1))
    assert losses(tmp_path / "together") == pytest.approx(expected, abs=1e-5)
    lines = (tmp_path / "together" / METRICS_NAME).read_text("utf-8").splitlines()
    assert len(lines) == STEPS + 1
    assert len(list((tmp_path / "together" / "tensorboard").iterdir())) == 1
    assert done.stderr.count("million parameters on cpu") == 1
    assert done.stdout.count(f"{STEPS} steps, best development BLEU") == 1


def test_uneven(toy: Toy, tmp_path: Path) -> None:
    """A number of batches that cannot be divided evenly is refused; one process reports it."""
    done = torchrun(toy(steps=1, accumulate=3), tmp_path / "run")
    assert done.returncode != 0
    complaint = "training.accumulate = 3 batches cannot be divided among 2 processes; make it"
    assert done.stderr.count(f"jumok train: {complaint}") == 1
    assert not (tmp_path / "run").exists()
