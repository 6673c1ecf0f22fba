"""Checkpoints: atomic and complete."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from jumok.training import checkpoint as module
from jumok.training.checkpoint import (
    Checkpoint,
    Progress,
    capture,
    has_checkpoint,
    load_checkpoint,
    load_weights,
    new_model,
    restore,
    save_checkpoint,
)
from jumok.training.errors import CheckpointError


@pytest.fixture(scope="module")
def tiny(tiny_run: Path) -> Checkpoint:
    return load_checkpoint(tiny_run)


def at(tiny: Checkpoint, step: int) -> Checkpoint:
    """Change the step of a checkpoint, and one weight to match."""
    model = tiny.model | {"encoder.bridge.bias": torch.full((48,), float(step))}
    return replace(tiny, progress=replace(tiny.progress, step=step), model=model)


def same(a: Checkpoint, b: Checkpoint) -> bool:
    """Return whether two checkpoints are bit-identical."""
    tensors = [(a.model, b.model), (a.optimizer, b.optimizer), (a.averaging, b.averaging)]
    return (
        all(x.keys() == y.keys() for x, y in tensors)
        and all(torch.equal(x[name], y[name]) for x, y in tensors for name in x)
        and (a.configuration, a.provenance, a.progress, a.held_out)
        == (b.configuration, b.provenance, b.progress, b.held_out)
        and (a.source.model, a.target.model) == (b.source.model, b.target.model)
    )


def test_round_trip(tmp_path: Path, tiny: Checkpoint) -> None:
    """A checkpoint is the same after saving and loading, including floats."""
    progress = Progress(7, 1, 2, True, 0.1 + 0.2, 3, 1 / 3, 6, 4, 1 / 7, 9, {"dev/bleu": 1 / 3})
    saved = replace(tiny, progress=progress, averaging={"0.weight": torch.rand(3)})
    save_checkpoint(tmp_path, saved, best=True)
    assert same(load_checkpoint(tmp_path), saved)


def test_provenance(tiny: Checkpoint) -> None:
    """A checkpoint has data hashes, package versions and held-out sentences."""
    assert tiny.provenance["pairs"] == {"train": 2000, "dev": 220, "test": 40}
    assert tiny.provenance["data"].keys() == {"embedded"}
    assert tiny.provenance["versions"].keys() >= {"python", "jumok", "torch", "sentencepiece"}
    assert len(tiny.held_out) == 300
    assert tiny.progress.metrics.keys() == {
        *("dev/bleu", "dev/chrf", "dev/exact"),
        *("dev/aer_writes", "dev/aer_reads", "dev/aer_posterior"),
    }


def test_tied_weights(tmp_path: Path, tiny: Checkpoint) -> None:
    """A tied weight is stored once, and the model built from it is tied."""
    save_checkpoint(tmp_path, replace(tiny, model=dict(tiny.build_model().state_dict())), best=True)
    loaded = load_checkpoint(tmp_path)
    assert "decoder.embedding.weight" in loaded.model
    assert "decoder.generator.weight" not in loaded.model
    decoder = loaded.build_model().decoder
    assert decoder.generator.weight is decoder.embedding.weight
    assert torch.equal(decoder.generator.weight, tiny.model["decoder.embedding.weight"])


def test_best_and_latest(tmp_path: Path, tiny: Checkpoint) -> None:
    """Only the best and the latest checkpoint are kept."""
    for step, best in ((1, False), (2, True), (3, False), (4, False)):
        save_checkpoint(tmp_path, at(tiny, step), best)
        assert load_checkpoint(tmp_path, "latest").progress.step == step
    assert load_checkpoint(tmp_path, "best").progress.step == 2
    assert len(list(tmp_path.glob("*step-*"))) == 2
    folder = next(tmp_path.glob("step-*4"))
    assert load_checkpoint(folder).progress.step == 4


class _CrashError(BaseException):
    """Simulates a kill; no code may handle it."""


@pytest.mark.parametrize("step", [1, 2], ids=["same step", "next step"])
def test_crash(
    tmp_path: Path, tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """After a crash at any point, the run has its old checkpoint or the new one."""
    left = -1

    def crashing(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise _CrashError
            result = function(*args, **kwargs)
            left -= 1
            if left == 0:
                raise _CrashError
            return result

        return run

    monkeypatch.setattr(os, "fsync", lambda file: None)  # a kill, not a power cut
    monkeypatch.setattr(module, "save_file", crashing(save_file))
    monkeypatch.setattr(module, "_write_json", crashing(module._write_json))
    monkeypatch.setattr(shutil, "rmtree", crashing(shutil.rmtree))
    for name in ("mkdir", "replace", "write_bytes"):
        monkeypatch.setattr(Path, name, crashing(getattr(Path, name)))

    old, new = at(tiny, 1), replace(at(tiny, step), held_out=["new"])
    seen = []
    for moment in range(1, 100):
        run = tmp_path / str(moment)
        save_checkpoint(run, old, best=True)
        left = moment
        try:
            save_checkpoint(run, new, best=True)
        except _CrashError:
            pass
        finally:
            finished, left = left > 0, -1
        for which in ("latest", "best"):
            found = load_checkpoint(run, which)
            assert same(found, old) or same(found, new)
        seen.append(same(load_checkpoint(run, "latest"), new))
        save_checkpoint(run, new, best=True)
        assert same(load_checkpoint(run, "latest"), new)
        assert len(list(run.glob("*step-*"))) == 1
        if finished:
            break
    assert finished
    assert seen == sorted(seen)
    assert {False, True} == set(seen)


def test_none(tmp_path: Path) -> None:
    """If there is no checkpoint, the message names the command that makes one."""
    assert not has_checkpoint(tmp_path)
    with pytest.raises(CheckpointError, match="holds no checkpoint; make one with `jumok train`"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("checkpoints.json", b"{"),
        ("checkpoints.json", b"{}"),
        ("checkpoints.json", b'{"best": "step-00000009"}'),
        ("step-*/state.json", b"{"),
        ("step-*/state.json", b"[]"),
        ("step-*/state.json", b'{"configuration": {"name": "a", "colour": "red"}}'),
        ("step-*/model.safetensors", b"\x10"),
        ("step-*/optimizer.safetensors", b""),
        ("step-*/averaging.safetensors", None),
        ("step-*/source.model", b"not a model"),
        ("step-*/target.model", b""),
        ("step-*/target.model", None),
    ],
)
def test_broken(tmp_path: Path, tiny: Checkpoint, name: str, content: bytes | None) -> None:
    """Damage to any file is reported in one line that names the checkpoint."""
    save_checkpoint(tmp_path, at(tiny, 1), best=True)
    (path,) = tmp_path.glob(name)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError) as refused:
        load_checkpoint(tmp_path)
    assert str(refused.value).startswith(f"the checkpoint {tmp_path}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("change", ["missing", "surplus", "shape"])
def test_other_tensors(tiny: Checkpoint, change: str) -> None:
    """Tensors of another model are refused."""
    tensors = dict(tiny.model)
    bias = tensors.pop("encoder.bridge.bias")
    if change != "missing":
        tensors["encoder.bridge.bias"] = bias if change == "surplus" else bias[1:]
    if change == "surplus":
        tensors["encoder.bridge.colour"] = bias
    with pytest.raises(CheckpointError, match="tensors do not fit its configuration"):
        replace(tiny, model=tensors).build_model()


def test_averaged(tiny: Checkpoint) -> None:
    """The built model has the averaged weights, including tied ones."""
    training = tiny.configuration.training.model_copy(update={"averaging": "ema"})
    averaged = replace(
        tiny,
        configuration=tiny.configuration.model_copy(update={"training": training}),
        averaging={name: weight + 1 for name, weight in tiny.model.items()},
    )
    model = averaged.build_model()
    for name, weight in model.named_parameters():
        assert torch.equal(weight, tiny.model[name] + 1)
    assert model.decoder.generator.weight is model.decoder.embedding.weight


def test_optimizer(tiny: Checkpoint) -> None:
    """A restored optimizer continues where it was captured."""

    def steps(
        model: torch.nn.Module, optimizer: torch.optim.Optimizer, count: int
    ) -> list[torch.Tensor]:
        for _ in range(count):
            optimizer.zero_grad()
            sum((p * torch.randn_like(p)).sum() for p in model.parameters()).backward()  # type: ignore[union-attr]
            optimizer.step()
        return [parameter.detach().clone() for parameter in model.parameters()]

    first = tiny.build_model()
    adam = torch.optim.AdamW(first.parameters(), fused=True)
    steps(first, adam, 2)
    kept = {name: tensor.clone() for name, tensor in capture(adam).items()}
    weights = {name: tensor.clone() for name, tensor in first.state_dict().items()}
    torch.manual_seed(1)
    wanted = steps(first, adam, 2)
    second = new_model(tiny.configuration, tiny.source, tiny.target)
    load_weights(second, {name: weights[name] for name in tiny.model})
    adam = torch.optim.AdamW(second.parameters(), fused=True)
    restore(adam, kept)
    torch.manual_seed(1)
    assert all(map(torch.equal, steps(second, adam, 2), wanted))


def test_damaged(tmp_path: Path, tiny: Checkpoint) -> None:
    """A file whose content changed after it was written is named."""
    save_checkpoint(tmp_path, at(tiny, 1), best=True)
    (path,) = tmp_path.glob("step-*/model.safetensors")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"is damaged: model\.safetensors is not the file"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), SafetensorError("full")])
def test_full_disk(
    tmp_path: Path, tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """If a checkpoint cannot be written, the previous one stays, and the message says why."""
    save_checkpoint(tmp_path, at(tiny, 1), best=True)

    def full(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(module, "save_file", full)
        with pytest.raises(
            CheckpointError, match=r"step 2 cannot be written to .*: make it possible"
        ):
            save_checkpoint(tmp_path, at(tiny, 2), best=True)
    assert same(load_checkpoint(tmp_path, "latest"), at(tiny, 1))
    save_checkpoint(tmp_path, at(tiny, 2), best=True)
    assert load_checkpoint(tmp_path, "latest").progress.step == 2
