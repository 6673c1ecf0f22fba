"""The checkpoint that a training starts from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from jumok.bundle.tokenizer import PLACEHOLDERS
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.checkpoint import Checkpoint, Progress, load_checkpoint
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
    """A run is not resumed with another configuration; the message names the keys that differ."""
    trained(toy(steps=1))
    path = toy(steps=1, learning_rate=0.5, seed=3)
    content = path.read_text("utf-8").replace('"train.tsv"', '"train.tsv"\nweight = 1.5')
    path.write_text(content, "utf-8")
    message = (
        r"another value of data\.tsv\.0\.weight, training\.seed, training\.learning_rate; choose"
    )
    with pytest.raises(CheckpointError, match=message):
        start(path)


def test_more_steps(toy: Toy) -> None:
    """A finished run can be given more steps, and other keys that do not change what is learned."""
    trained(toy(steps=1))
    latest = start(toy(steps=2, log_every=1, patience=3, evaluate_every=1, checkpoint_every=9))
    assert latest.progress.step == 1
    assert latest.configuration.training.steps == 2


def test_parent(toy: Toy, tmp_path: Path) -> None:
    """A new run can start with another's averaged weights; only the same parent resumes it."""
    trained(toy(steps=3, averaging='"ema"'))
    parent = (tmp_path / "run").rename(tmp_path / "parent")
    path = toy(steps=1)
    configuration = load_configuration(path)
    corpus = load_corpus(configuration.data, tmp_path)

    def begin(parent: Path | None) -> Checkpoint:
        return starting_point(tmp_path / "run", configuration, corpus, parent)

    first = begin(parent)
    weights = load_checkpoint(parent).build_model().state_dict()
    assert first.progress == Progress()
    assert first.model
    assert all(torch.equal(tensor, weights[name]) for name, tensor in first.model.items())
    assert first.source.model == load_checkpoint(parent).source.model
    assert all(torch.equal(first.model[name], begin(parent).model[name]) for name in first.model)
    train(configuration, tmp_path, tmp_path / "run", parent)
    assert begin(parent).progress.step == begin(None).progress.step == 1
    with pytest.raises(CheckpointError, match=r"run is the run that is written to; choose another"):
        begin(tmp_path / "run")


def test_parent_of_other_words(toy: Toy, tmp_path: Path) -> None:
    """Pieces of both vocabularies keep their vectors; those of new pieces are untrained."""
    trained(toy(steps=3))
    parent = (tmp_path / "run").rename(tmp_path / "parent")
    path = toy(steps=1)
    train_file = tmp_path / "train.tsv"
    text = train_file.read_text("utf-8").replace("나는", "저는").replace("water", "juice")
    train_file.write_text(text, "utf-8")
    # with the same [tokenization] the child would use the tokenizers of its parent
    path.write_text(path.read_text("utf-8").replace("= 340", "= 350"), "utf-8")
    configuration = load_configuration(path)
    corpus = load_corpus(configuration.data, tmp_path)
    child = starting_point(tmp_path / "run", configuration, corpus, parent)
    known = load_checkpoint(parent)
    for side, name in (("source", "encoder"), ("target", "decoder")):
        old, new = (
            {
                tokenizer.piece(token_id): tensors[f"{name}.embedding.weight"][token_id]
                for token_id in range(tokenizer.vocabulary_size)
            }
            for tokenizer, tensors in (
                (getattr(known, side), known.model),
                (getattr(child, side), child.model),
            )
        )
        common = old.keys() & new.keys()
        assert old.keys() - common
        assert new.keys() - common
        assert all(torch.equal(old[piece], new[piece]) for piece in common)
    again = starting_point(tmp_path / "run", configuration, corpus, parent)
    assert all(torch.equal(child.model[name], again.model[name]) for name in child.model)


def test_placeholders_are_added_to_the_tokenizers_of_a_parent(toy: Toy, tmp_path: Path) -> None:
    """A run that masks protected text keeps the pieces of its parent, and adds placeholders."""
    trained(toy(steps=1))
    parent = (tmp_path / "run").rename(tmp_path / "parent")
    path = toy(steps=1)
    content = path.read_text("utf-8").replace("[data]", "[data]\nmasks_protected = true")
    path.write_text(content, "utf-8")
    configuration = load_configuration(path)
    corpus = load_corpus(configuration.data, tmp_path)
    child = starting_point(tmp_path / "run", configuration, corpus, parent)
    known = load_checkpoint(parent)
    for old, new in ((known.source, child.source), (known.target, child.target)):
        size = old.vocabulary_size
        assert not old.has_placeholders
        assert new.has_placeholders
        assert [new.piece(size + number) for number in range(8)] == list(PLACEHOLDERS)
        assert [new.piece(place) for place in range(size)] == [
            old.piece(place) for place in range(size)
        ]
    fresh = starting_point(tmp_path / "fresh", configuration, corpus)
    assert fresh.source.has_placeholders
    assert fresh.target.has_placeholders


def test_parent_of_another_architecture(toy: Toy, tmp_path: Path) -> None:
    """If a parent has another architecture, the message says what must be equal."""
    trained(toy(steps=1))
    parent = (tmp_path / "run").rename(tmp_path / "parent")
    path = toy(steps=1)
    content = path.read_text("utf-8").replace("decoder_size = 24", "decoder_size = 20")
    path.write_text(content, "utf-8")
    configuration = load_configuration(path)
    corpus = load_corpus(configuration.data, tmp_path)
    with pytest.raises(CheckpointError, match=r"another architecture \(.* differs\): use the same"):
        starting_point(tmp_path / "run", configuration, corpus, parent)


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
