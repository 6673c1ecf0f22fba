"""Checkpoints: folders of safetensors and JSON, written atomically."""

import itertools
import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from jumok.bundle.tokenizer import Tokenizer
from jumok.training.averaging import make_averaging
from jumok.training.configuration import Configuration
from jumok.training.data.lines import sha256
from jumok.training.errors import CheckpointError
from jumok.training.network.seq2seq import Seq2Seq

_MODEL, _OPTIMIZER, _STATE = "model.safetensors", "optimizer.safetensors", "state.json"
_AVERAGING = "averaging.safetensors"
_SOURCE, _TARGET = "source.model", "target.model"
_POINTERS = "checkpoints.json"


@dataclass(slots=True)
class Progress:
    """The state of a training except for its tensors.

    Attributes:
        step: number of finished steps.
        epoch: current epoch, counted from 0.
        batch: number of finished steps of this epoch.
        final: whether the last `training.final_steps` steps have begun.
        loss_sum: sum of the losses of the steps since the last log line, in nats per token.
        loss_steps: number of those steps.
        best_bleu: best BLEU on the development set so far; -1 before the first evaluation.
        best_step: step of that evaluation.
        stale: number of evaluations since then.
        seconds: time spent on steps, without evaluation and checkpoints.
        tokens: tokens of both sides trained on, including ends, excluding padding.
        metrics: figures of the last evaluation by name.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    final: bool = False
    loss_sum: float = 0.0
    loss_steps: int = 0
    best_bleu: float = -1.0
    best_step: int = 0
    stale: int = 0
    seconds: float = 0.0
    tokens: int = 0
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A training at one step.

    Attributes:
        configuration: configuration of the training.
        provenance: hashes of the data, number of pairs, package versions.
        progress: state of the training.
        source: tokenizer of the source language.
        target: tokenizer of the target language.
        held_out: source sentences that an export is checked with: development sentences, then, if
            there are too few, test and training sentences.
        model: tensors of the model by parameter name.
        optimizer: tensors of the optimizer.
        averaging: tensors of the averaged weights, if any.
    """

    configuration: Configuration
    provenance: dict[str, Any]
    progress: Progress
    source: Tokenizer
    target: Tokenizer
    held_out: list[str]
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    averaging: dict[str, Tensor] = field(default_factory=dict)

    def build_model(self) -> Seq2Seq:
        """Build the model on the CPU in evaluation mode, with the averaged weights if any."""
        model = new_model(self.configuration, self.source, self.target)
        load_weights(model, self.model)
        averaging = make_averaging(self.configuration.training, self.averaging)
        model.load_state_dict(averaging.weights(model), strict=False)
        return model.eval()


def new_model(configuration: Configuration, source: Tokenizer, target: Tokenizer) -> Seq2Seq:
    """Build an untrained model for a pair of tokenizers."""
    return Seq2Seq(
        configuration.model,
        source.vocabulary_size,
        target.vocabulary_size,
        source.special_ids.padding,
        configuration.limits.max_source_tokens + 1,
    )


def load_weights(model: Seq2Seq, tensors: Mapping[str, Tensor]) -> None:
    """Load the weights of a checkpoint into a model.

    Raises:
        CheckpointError: the tensors do not fit the model.
    """
    expected = untied(model.state_dict())
    if {name: tensor.shape for name, tensor in expected.items()} != {
        name: tensor.shape for name, tensor in tensors.items()
    }:
        raise CheckpointError("the checkpoint's tensors do not fit its configuration; train again")
    model.load_state_dict(tensors, strict=False)  # a tied weight is stored once


def save_checkpoint(run: Path, checkpoint: Checkpoint, best: bool) -> None:
    """Write a checkpoint to a run; delete all checkpoints but this one and the best.

    After a crash at any point the run still has its previous checkpoint.

    Args:
        run: folder of the run.
        checkpoint: the checkpoint.
        best: whether it is the best so far.

    Raises:
        CheckpointError: the checkpoint cannot be written, for instance because the disk is full.
    """
    try:
        _save(run, checkpoint, best)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise CheckpointError(
            f"the checkpoint of step {checkpoint.progress.step} cannot be written to {run} "
            f"({reason}): make it possible to write there, then run the same command again, which "
            "resumes from the previous checkpoint, if there is one"
        ) from error


def _save(run: Path, checkpoint: Checkpoint, best: bool) -> None:
    pointers = _pointers(run)
    name = _free_name(checkpoint.progress.step, pointers.values())
    folder = run / name
    new = run / f".{name}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    save_file(untied(checkpoint.model), new / _MODEL)
    save_file(checkpoint.optimizer, new / _OPTIMIZER)
    save_file(checkpoint.averaging, new / _AVERAGING)
    (new / _SOURCE).write_bytes(checkpoint.source.model)
    (new / _TARGET).write_bytes(checkpoint.target.model)
    state = {
        "configuration": checkpoint.configuration.model_dump(mode="json"),
        "provenance": checkpoint.provenance,
        "progress": asdict(checkpoint.progress),
        "held_out": checkpoint.held_out,
        "sha256": {path.name: sha256(path) for path in sorted(new.iterdir())},
    }
    _write_json(new / _STATE, state)
    for path in new.iterdir():  # it must be on disk before anything refers to it
        with path.open("rb") as file:
            os.fsync(file.fileno())
    shutil.rmtree(folder, ignore_errors=True)
    new.replace(folder)
    pointers["latest"] = name
    if best:
        pointers["best"] = name
    _write_json(run / f".{_POINTERS}.new", pointers)
    (run / f".{_POINTERS}.new").replace(run / _POINTERS)
    for other in [*run.glob("step-*"), *run.glob(".step-*.new")]:
        if other.name not in pointers.values():
            shutil.rmtree(other)


def load_checkpoint(path: Path, which: str = "best") -> Checkpoint:
    """Load a checkpoint.

    Args:
        path: folder of a checkpoint or of a run.
        which: "latest" or "best" checkpoint of a run; before the first evaluation both are the
            latest.

    Raises:
        CheckpointError: there is no checkpoint, or it is damaged.
    """
    try:
        if (path / _POINTERS).is_file():
            pointers = _pointers(path)
            path = path / pointers.get(which, pointers["latest"])
        elif not (path / _STATE).is_file():
            raise CheckpointError(f"{path} holds no checkpoint; make one with `jumok train`")
        state = json.loads((path / _STATE).read_text("utf-8"))
        for name, expected in state.get("sha256", {}).items():  # older checkpoints have none
            if sha256(path / name) != expected:
                raise CheckpointError(
                    f"the checkpoint {path} is damaged: {name} is not the file that was written; "
                    "restore it, or delete the run and train again"
                )
        return Checkpoint(
            configuration=Configuration.model_validate(state["configuration"]),
            provenance=state["provenance"],
            progress=Progress(**state["progress"]),
            source=Tokenizer.load(path / _SOURCE),
            target=Tokenizer.load(path / _TARGET),
            held_out=state["held_out"],
            model=load_file(path / _MODEL),
            optimizer=load_file(path / _OPTIMIZER),
            averaging=load_file(path / _AVERAGING),
        )
    except CheckpointError:
        raise
    except Exception as error:  # damaged files make their readers raise anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise CheckpointError(f"the checkpoint {path} cannot be read: {reason}") from error


def has_checkpoint(run: Path) -> bool:
    """Return whether the folder of a run contains a checkpoint."""
    return (run / _POINTERS).is_file()


def capture(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Collect the tensors of an optimizer."""
    return {
        f"{index}.{slot}": value
        for index, slots in optimizer.state_dict()["state"].items()
        for slot, value in slots.items()
    }


def restore(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Load the tensors that `capture` returned into an optimizer."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, slot = name.split(".", 1)
        if index != "random":  # older checkpoints held generators too
            state.setdefault(int(index), {})[slot] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def untied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors on the CPU without second names of the same storage.

    Safetensors rejects two names for one storage.
    """
    seen: set[int] = set()
    untied = {}
    for name, tensor in tensors.items():
        if tensor.data_ptr() not in seen:
            seen.add(tensor.data_ptr())
            untied[name] = tensor.detach().cpu().contiguous()
    return untied


def _free_name(step: int, taken: Collection[str]) -> str:
    # A run that is stopped right after it was saved saves the same step again; the folder that is
    # in use must not be touched.
    names = (f"step-{step:08d}" + f".{again}" * bool(again) for again in itertools.count())
    return next(name for name in names if name not in taken)


def _pointers(run: Path) -> dict[str, str]:
    if not (run / _POINTERS).is_file():
        return {}
    pointers: dict[str, str] = json.loads((run / _POINTERS).read_text("utf-8"))
    return pointers


def _write_json(path: Path, value: object) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
