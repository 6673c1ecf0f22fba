"""The checkpoint that a training starts from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.checkpoint import Checkpoint, Progress
from jumok.training.configuration import Configuration, load_configuration
from jumok.training.data.corpus import load_corpus
from jumok.training.errors import CheckpointError, ConfigurationError
from jumok.training.starting_point import starting_point
from jumok.training.trainer import train

Toy = Callable[..., Path]


def start(path: Path) -> Checkpoint:
    """Return the starting point of a run in the configuration's folder."""
    configuration = load_configuration(path)
    corpus = load_corpus(configuration.data, path.parent)
    return starting_point(path.parent / "run", configuration, corpus)


def trained(path: Path) -> Configuration:
    """Train in a run in the configuration's folder."""
    configuration = load_configuration(path)
    train(configuration, path.parent, path.parent / "run")
    return configuration


def test_first(toy: Toy) -> None:
    """A new run starts at step 0 and has the hashes of its data."""
    first = start(toy(steps=1))
    assert first.progress == Progress()
    assert not first.model
    assert first.provenance["pairs"] == {"train": 70, "dev": 10, "test": 0}
    assert first.provenance["data"].keys() == {"train.tsv", "dev.tsv"}


def test_latest(toy: Toy) -> None:
    """A run with a checkpoint continues from it."""
    configuration = trained(toy(steps=3))
    latest = start(toy(steps=3))
    assert latest.progress.step == 3
    assert latest.configuration == configuration


def test_other_configuration(toy: Toy) -> None:
    """A run is not resumed with another configuration."""
    trained(toy(steps=1))
    with pytest.raises(CheckpointError, match="run was trained with another configuration"):
        start(toy(steps=2))


def test_other_data(toy: Toy) -> None:
    """A run is not resumed with other data."""
    path = toy(steps=1)
    trained(path)
    with path.with_name("train.tsv").open("a", encoding="utf-8") as file:
        file.write("또\tagain\n")
    with pytest.raises(CheckpointError, match=r"the data has changed since .*run was started"):
        start(path)


def test_held_out(toy: Toy) -> None:
    """Held-out sentences come from the development set first, and from training last."""
    path = toy(steps=1)
    configuration = load_configuration(path)
    corpus = load_corpus(configuration.data, path.parent)
    corpus = replace(corpus, test_sets={"a": [SentencePair("시험", "test")] * 2})
    first = starting_point(path.parent / "run", configuration, corpus)
    assert first.held_out[:10] == [pair.source for pair in corpus.dev]
    assert first.held_out[10:12] == ["시험"] * 2
    many = replace(corpus, dev_sets={"a": corpus.dev * 40})
    assert len(starting_point(path.parent / "run", configuration, many).held_out) == 300


def test_shared_vocabulary(toy: Toy) -> None:
    """Both languages can share a vocabulary."""
    path = toy(steps=1)
    apart = start(path)
    assert apart.source.model != apart.target.model
    content = path.read_text("utf-8").replace("= 340", "= 340\nshared = true")
    path.write_text(content, "utf-8")
    shared = start(path)
    assert shared.source is shared.target


def test_small_vocabulary(toy: Toy) -> None:
    """If the vocabulary is too small for the characters, the message names the key to raise."""
    path = toy(steps=1)
    path.write_text(path.read_text("utf-8").replace("= 340", "= 262"), "utf-8")
    with pytest.raises(ConfigurationError, match=r"need \d+; raise tokenization.vocabulary_size"):
        start(path)
