"""The checkpoint that a training starts from."""

import platform
from importlib.metadata import version
from pathlib import Path

from jumok.bundle.errors import VocabularyError
from jumok.bundle.tokenizer import Tokenizer
from jumok.training.checkpoint import Checkpoint, Progress, has_checkpoint, load_checkpoint
from jumok.training.configuration import Configuration
from jumok.training.data.corpus import Corpus
from jumok.training.errors import CheckpointError, ConfigurationError

_HELD_OUT = 300  # held-out sentences stored in a checkpoint


def starting_point(run: Path, configuration: Configuration, corpus: Corpus) -> Checkpoint:
    """Load the latest checkpoint of a run, or make the checkpoint of step 0.

    Raises:
        CheckpointError: the run has another configuration or other data.
        ConfigurationError: the vocabulary is too small for the data.
    """
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
        # test and training sentences complete a small development set
        pairs = [*corpus.dev, *corpus.test, *corpus.train][:_HELD_OUT]
        held_out = [pair.source for pair in pairs]
        return Checkpoint(configuration, provenance, Progress(), source, target, held_out, {}, {})
    checkpoint = load_checkpoint(run, "latest")
    if checkpoint.configuration != configuration:
        raise CheckpointError(
            f"{run} was trained with another configuration; choose another --output, "
            "or delete it to start over"
        )
    if checkpoint.provenance["data"] != corpus.hashes:
        raise CheckpointError(
            f"the data has changed since {run} was started; choose another --output, "
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
