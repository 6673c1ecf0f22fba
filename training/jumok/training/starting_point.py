"""Where a training starts: at the latest checkpoint of its run, or at step 0."""

import platform
from importlib.metadata import version
from pathlib import Path

from jumok.bundle.errors import VocabularyError
from jumok.bundle.tokenizer import Tokenizer
from jumok.training.checkpoint import Checkpoint, Progress, has_checkpoint, load_checkpoint
from jumok.training.configuration import Configuration
from jumok.training.data.corpus import Corpus
from jumok.training.errors import CheckpointError, ConfigurationError

_HELD_OUT = 300  # sentences that a checkpoint carries


def starting_point(run: Path, configuration: Configuration, corpus: Corpus) -> Checkpoint:
    """Load the checkpoint to go on from, or make that of step 0."""
    if not has_checkpoint(run):
        source, target = _tokenizers(configuration, corpus)
        provenance = {
            "data": corpus.hashes,
            "pairs": {part: len(getattr(corpus, part)) for part in ("train", "dev", "test")},
            "versions": {
                "python": platform.python_version(),
                **{
                    name: version(name) for name in ("jumok", "torch", "sentencepiece", "sacrebleu")
                },
            },
        }
        # by need the training part fills up: what is made of a model is checked on these
        pairs = [*corpus.dev, *corpus.test, *corpus.train][:_HELD_OUT]
        held_out = [pair.source for pair in pairs]
        return Checkpoint(configuration, provenance, Progress(), source, target, held_out, {}, {})
    checkpoint = load_checkpoint(run, "latest")
    if checkpoint.configuration != configuration:
        raise CheckpointError(
            f"{run} holds a training with another configuration; choose another --output, "
            "or delete it to start over"
        )
    if checkpoint.provenance["data"] != corpus.hashes:
        raise CheckpointError(
            f"the data have changed since {run} was started; choose another --output, "
            "or delete it to start over"
        )
    return checkpoint


def _tokenizers(configuration: Configuration, corpus: Corpus) -> tuple[Tokenizer, Tokenizer]:
    size, seed = configuration.tokenization.vocabulary_size, configuration.training.seed
    sources = [pair.source for pair in corpus.train]
    targets = [pair.target for pair in corpus.train]
    try:
        if configuration.tokenization.shared:
            shared = Tokenizer.train(sources + targets, size, seed)
            return shared, shared
        return Tokenizer.train(sources, size, seed), Tokenizer.train(targets, size, seed)
    except VocabularyError as error:
        raise ConfigurationError(f"{error}; raise tokenization.vocabulary_size") from error
