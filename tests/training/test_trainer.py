"""The training loop: it learns, stops early, and resumes bit by bit."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
import torch

from jumok.training.checkpoint import load_checkpoint
from jumok.training.configuration import Configuration, load_configuration
from jumok.training.data.batches import TokenBatch
from jumok.training.errors import ConfigurationError, DataError
from jumok.training.learner import Learner
from jumok.training.run_log import ATTENTION_NAME, METRICS_NAME, RunLog
from jumok.training.trainer import Outcome, train

STEPS, EVERY = 80, 20
PLAN = {
    "sampling": 0.2,
    "averaging": '"ema"',
    "accumulate": 2,
    "steps": STEPS,
    "evaluate_every": 30,
    "checkpoint_every": EVERY,
    "log_every": 5,
    "learning_rate": 0.02,
}
Toy = Callable[..., Path]


def start(configuration: Path, run: Path) -> Outcome:
    """Train in this process."""
    return train(load_configuration(configuration), configuration.parent, run)


def figures(run: Path) -> list[dict[str, float]]:
    """Return all figures of a run except its speed."""
    lines = (run / METRICS_NAME).read_text("utf-8").splitlines()
    return [
        {name: value for name, value in json.loads(line).items() if "per_second" not in name}
        for line in lines
    ]


def assert_same(run: Path, other: Path) -> None:
    """Compare all figures, attention and tensors of two finished runs, bit for bit."""
    assert figures(run) == figures(other)
    attention = (run / ATTENTION_NAME).read_text("utf-8")
    assert attention
    assert attention == (other / ATTENTION_NAME).read_text("utf-8")
    for which in ("latest", "best"):
        found, wanted = load_checkpoint(run, which), load_checkpoint(other, which)
        assert replace(found.progress, seconds=0) == replace(wanted.progress, seconds=0)
        for tensors, expected in (
            (found.model, wanted.model),
            (found.optimizer, wanted.optimizer),
            (found.averaging, wanted.averaging),
        ):
            assert tensors.keys() == expected.keys()
            assert all(torch.equal(tensors[name], expected[name]) for name in tensors)


def launch(configuration: Path, run: Path) -> subprocess.Popen[str]:
    """Start `jumok train` in another process."""
    command = [sys.executable, "-m", "jumok.cli", "train", str(configuration), "--output", str(run)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def send(process: subprocess.Popen[str], number: signal.Signals, run: Path, step: int) -> str:
    """Send a signal once `step` is in the figures; return what was written to stderr."""
    with process:
        while not (run / METRICS_NAME).exists() or not any(
            line.startswith(f'{{"step": {step},')
            for line in (run / METRICS_NAME).read_text("utf-8").splitlines()
        ):
            assert process.poll() is None, process.communicate()
            time.sleep(0.005)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
        return said


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the uninterrupted run that other runs are compared with."""
    return tmp_path_factory.mktemp("uninterrupted")


@pytest.fixture
def configuration(toy: Toy, uninterrupted: Path) -> Path:
    """The configuration of all interrupted runs, and of the uninterrupted run, which it trains."""
    path = toy(**PLAN)
    if not list(uninterrupted.iterdir()):
        assert start(path, uninterrupted).step == STEPS
    return path


def test_learns(configuration: Path, uninterrupted: Path) -> None:
    """The loss falls, figures are logged on time, the best and the latest checkpoint are kept."""
    found = figures(uninterrupted)
    losses = [line["train/loss"] for line in found if "train/loss" in line]
    assert len(losses) == STEPS / 5
    assert losses[-1] < losses[0] / 2
    scores = {line["step"]: line["dev/bleu"] for line in found if "dev/bleu" in line}
    assert scores.keys() == {30, 60, 80}
    best = load_checkpoint(uninterrupted)
    assert best.progress.best_bleu == max(scores.values()) == scores[best.progress.step] > 0
    assert best.progress.metrics["dev/bleu"] == best.progress.best_bleu
    assert load_checkpoint(uninterrupted, "latest").progress.step == STEPS


def test_killed(
    configuration: Path, uninterrupted: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A run that is killed and resumed equals the uninterrupted one."""
    run = tmp_path / "run"
    process = launch(configuration, run)
    send(process, signal.SIGKILL, run, 40)
    assert process.returncode == -signal.SIGKILL
    kept = load_checkpoint(run, "latest").progress.step
    assert kept in (30, 40, 60)  # saved every 20 steps and evaluated every 30
    assert start(configuration, run).step == STEPS
    assert f"resuming at step {kept}\n" in capfd.readouterr().err
    assert_same(run, uninterrupted)


def test_interrupted(configuration: Path, uninterrupted: Path, tmp_path: Path) -> None:
    """Ctrl-C saves a checkpoint; the resumed run equals the uninterrupted one."""
    run = tmp_path / "run"
    process = launch(configuration, run)
    said = send(process, signal.SIGINT, run, 40)
    assert process.returncode == 130
    kept = load_checkpoint(run, "latest").progress.step
    assert 40 <= kept < STEPS
    assert f"stopped at step {kept}; run the same command again to resume\n" in said
    assert "Traceback" not in said
    assert start(configuration, run).step == STEPS
    assert_same(run, uninterrupted)


def test_interrupted_again_and_again(
    configuration: Path, uninterrupted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run can be interrupted before its first step, at a checkpoint, or twice at one step."""
    at_once = 0
    moments = [at_once, 1, EVERY, at_once, EVERY + 1, 30, at_once, STEPS - 1]
    signals = cycle((signal.SIGINT, signal.SIGTERM))
    advance, say = RunLog.advance, RunLog.say
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    def stop_after(log: RunLog, step: int) -> None:
        advance(log, step)
        if moments and moments[0] == step:
            signal.raise_signal(next(signals))

    def stop_at_once(log: RunLog, message: str) -> None:
        say(log, message)
        if moments and moments[0] == at_once and "million parameters" in message:
            signal.raise_signal(next(signals))

    monkeypatch.setattr(RunLog, "advance", stop_after)
    monkeypatch.setattr(RunLog, "say", stop_at_once)
    reached = 0
    while moments:
        outcome = start(configuration, tmp_path / "run")
        reached = moments.pop(0) or reached
        assert (outcome.step, outcome.interrupted) == (reached, True)
        assert load_checkpoint(tmp_path / "run", "latest").progress.step == reached
    assert start(configuration, tmp_path / "run").step == STEPS
    assert_same(tmp_path / "run", uninterrupted)
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_finished(configuration: Path, uninterrupted: Path) -> None:
    """Resuming a finished run does nothing."""
    before = figures(uninterrupted)
    assert start(configuration, uninterrupted).step == STEPS
    assert figures(uninterrupted) == before


def test_patience(toy: Toy, tmp_path: Path) -> None:
    """A training without improvement stops, and stops again when it is resumed."""
    configuration = toy(steps=100, evaluate_every=2, patience=3, learning_rate=1e-9)
    # an untrained model has BLEU 0, the best so far; then three evaluations are no better
    outcome = start(configuration, tmp_path / "run")
    assert (outcome.step, outcome.best_bleu, outcome.interrupted) == (8, 0.0, False)
    assert (outcome.best_step, outcome.patience) == (2, 3)
    assert load_checkpoint(tmp_path / "run").progress.step == 2
    assert start(configuration, tmp_path / "run").step == 8


def test_final_steps(
    toy: Toy,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last steps train on the files with `final = true` only; more steps return to all."""
    learn = Learner.learn
    sources: dict[int, set[tuple[int, ...]]] = {}

    def learning(learner: Learner, batches: Sequence[TokenBatch], tokens: int, step: int) -> float:
        sources[step] = {tuple(row) for batch in batches for row in batch.source_ids.tolist()}
        return learn(learner, batches, tokens, step)

    monkeypatch.setattr(Learner, "learn", learning)
    path = toy(steps=12, final_steps=4, evaluate_every=6, learning_rate=0.01)
    (tmp_path / "final.tsv").write_text("나는 잠을 자요\tI sleep\n" * 30, "utf-8")
    content = path.read_text("utf-8").replace(
        "[tokenization]", '[[data.tsv]]\npath = "final.tsv"\nfinal = true\n[tokenization]'
    )
    path.write_text(content, "utf-8")
    start(path, tmp_path / "run")
    assert "step 8: from now on only files with final = true\n" in capfd.readouterr().err
    checkpoint = load_checkpoint(tmp_path / "run", "latest")
    assert checkpoint.progress.final
    configuration = load_configuration(path)
    more = configuration.training.model_copy(update={"steps": 20})
    outcome = train(configuration.model_copy(update={"training": more}), tmp_path, tmp_path / "run")
    assert outcome.step == 20
    (only,) = sources[8]
    assert all(sources[step] == {only} for step in (8, 9, 10, 11, 16, 17, 18, 19))
    for steps in (range(8), range(12, 16)):
        assert len(set().union(*(sources[step] for step in steps))) > 10
    assert "step 16: from now on only files with final = true\n" in capfd.readouterr().err


def test_long_pairs(toy: Toy, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Pairs over the limits are left out and counted; if all are, that is an error."""
    configuration = toy(steps=1)
    content = configuration.read_text("utf-8")
    configuration.write_text(content.replace("source_tokens = 30", "source_tokens = 8"), "utf-8")
    start(configuration, tmp_path / "run")
    assert " pairs that are longer than the limits" in capfd.readouterr().err
    configuration.write_text(content.replace("source_tokens = 30", "source_tokens = 1"), "utf-8")
    with pytest.raises(DataError, match=r"every training pair is longer than \[limits\] allows"):
        start(configuration, tmp_path / "other")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_no_cuda(toy: Toy, tmp_path: Path) -> None:
    """If CUDA is not available, the message says what to use."""
    configuration = toy(steps=1)
    content = configuration.read_text("utf-8").replace('device = "cpu"', 'device = "cuda"')
    configuration.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=r"finds no CUDA device; set it to auto"):
        start(configuration, tmp_path / "run")


def test_threads(toy: Toy, tmp_path: Path) -> None:
    """Training uses the configured number of threads."""
    configuration = toy(steps=1)
    torch.set_num_threads(2)
    start(configuration, tmp_path / "run")
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("averaging", ["ema", "checkpoints"])
def test_averaged(toy: Toy, tmp_path: Path, averaging: str) -> None:
    """The average is evaluated and built, and training continues from the weights."""
    configuration = toy(
        steps=12, evaluate_every=4, averaging=f'"{averaging}"', average_checkpoints=2
    )
    start(configuration, tmp_path / "run")
    checkpoint = load_checkpoint(tmp_path / "run", "latest")
    weights = dict(checkpoint.build_model().named_parameters())
    assert weights.keys() == checkpoint.model.keys()
    for name, learned in checkpoint.model.items():
        if averaging == "ema":
            expected = checkpoint.averaging[name]
        else:
            expected = (checkpoint.averaging[f"0.{name}"] + checkpoint.averaging[f"1.{name}"]) / 2
            assert torch.equal(checkpoint.averaging[f"1.{name}"], learned)
        torch.testing.assert_close(weights[name].detach(), expected)
        assert not torch.equal(weights[name], learned)


def test_guided_alignment(tiny_configuration: Path, tmp_path: Path) -> None:
    """Guided alignment lowers the alignment error rate on unseen sentences."""
    values = load_configuration(tiny_configuration).model_dump()
    values["data"]["embedded"] |= {"train": 800, "dev": 60}
    rates = []
    for weight in (0, 1):
        values["training"] |= {"steps": 60, "guided_alignment": weight}
        configuration = Configuration.model_validate(values)
        train(configuration, tmp_path, tmp_path / str(weight))
        rates.append(load_checkpoint(tmp_path / str(weight)).progress.metrics["dev/aer_writes"])
    assert rates[1] < rates[0] - 0.1
