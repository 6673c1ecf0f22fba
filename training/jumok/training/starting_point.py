"""The checkpoint that a training starts from."""

import hashlib
import platform
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from jumok.training.checkpoint import Checkpoint, Progress, has_checkpoint, load_checkpoint
from jumok.training.configuration import Configuration
from jumok.training.data.corpus import Corpus
from jumok.training.errors import CheckpointError
from jumok.training.tokenizers import find_tokenizers
from jumok.training.transfer import transferred

_HELD_OUT = 300  # held-out sentences stored in a checkpoint
_CHANGEABLE = {
    f"training.{key}"
    for key in (
        *("steps", "patience", "log_every", "evaluate_every", "checkpoint_every"),
        *("device", "amp", "threads"),
    )
}
"""Keys that may change when a run is resumed."""


def starting_point(
    run: Path, configuration: Configuration, corpus: Corpus, parent: Path | None = None
) -> Checkpoint:
    """Load the latest checkpoint of a run, or make the checkpoint of step 0.

    Args:
        run: folder of the run.
        configuration: the configuration, which may differ from that of the run in keys that a
            resumed training may change.
        corpus: the data.
        parent: run or checkpoint whose weights a new run starts with (Zoph et al. 2016), and whose
            tokenizers it uses for languages that both have in common, if `[tokenization]` is the
            same; a run that has a checkpoint is resumed from that, whatever the parent.

    Raises:
        CheckpointError: the run has another configuration or other data, or the parent another
            architecture.
        ConfigurationError: the vocabulary is too small for the data.
    """
    if parent is not None and run.resolve() in (parent.resolve(), parent.resolve().parent):
        raise CheckpointError(
            f"--from {parent} is the run that is written to; choose another --output"
        )
    if has_checkpoint(run):
        return _resumed(run, configuration, corpus)
    known = None if parent is None else load_checkpoint(parent)
    source, target = find_tokenizers(configuration, corpus, known)
    provenance = {
        "data": corpus.hashes,
        "pairs": {part: len(getattr(corpus, part)) for part in ("train", "dev", "test")},
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("jumok", "torch", "sentencepiece", "sacrebleu")},
        },
    }
    model: dict[str, Tensor] = {}
    if known is not None:
        model = transferred(known, configuration, source, target)
        provenance["parent"] = _described(known)
    # test and training sentences complete a small development set
    pairs = [*corpus.dev, *corpus.test, *corpus.train][:_HELD_OUT]
    held_out = [pair.source for pair in pairs]
    return Checkpoint(configuration, provenance, Progress(), source, target, held_out, model, {})


def _resumed(run: Path, configuration: Configuration, corpus: Corpus) -> Checkpoint:
    otherwise = "choose another --output, or delete it to start over"
    checkpoint = load_checkpoint(run, "latest")
    changed = [
        key
        for key in _differences(checkpoint.configuration, configuration)
        if key not in _CHANGEABLE
    ]
    if changed:
        raise CheckpointError(
            f"{run} was trained with another value of {', '.join(changed)}; {otherwise}"
        )
    if checkpoint.provenance["data"] != corpus.hashes:
        raise CheckpointError(f"the data has changed since {run} was started; {otherwise}")
    return replace(checkpoint, configuration=configuration)


def _described(parent: Checkpoint) -> dict[str, Any]:
    """Describe a parent in the provenance of its children."""
    weights = hashlib.sha256()
    for name in sorted(parent.model):
        weights.update(parent.model[name].contiguous().view(torch.uint8).numpy().tobytes())
    return {
        "name": parent.configuration.name,
        "step": parent.progress.step,
        "data": parent.provenance["data"],
        "weights": weights.hexdigest(),
    }


def _differences(old: Configuration, new: Configuration) -> list[str]:
    """Return the dotted keys whose values differ."""
    values = [_flat(configuration.model_dump(mode="json")) for configuration in (old, new)]
    return [key for key in {**values[0], **values[1]} if values[0].get(key) != values[1].get(key)]


def _flat(values: object, key: str = "") -> dict[str, object]:
    if isinstance(values, dict) and values:
        items = ((str(name), value) for name, value in values.items())
    elif isinstance(values, list) and values:
        items = ((str(number), value) for number, value in enumerate(values))
    else:
        return {key: values}
    return {
        name: value
        for inner, inner_values in items
        for name, value in _flat(inner_values, f"{key}.{inner}".lstrip(".")).items()
    }
