"""The tokenizers of a training."""

from collections.abc import Sequence

from jumok.bundle.errors import VocabularyError
from jumok.bundle.languages import primary_language
from jumok.bundle.tokenizer import BACK_TRANSLATED, Tokenizer
from jumok.training.checkpoint import Checkpoint
from jumok.training.configuration import Configuration
from jumok.training.data.corpus import Corpus
from jumok.training.errors import ConfigurationError


def find_tokenizers(
    configuration: Configuration, corpus: Corpus, parent: Checkpoint | None
) -> tuple[Tokenizer, Tokenizer]:
    """Take the tokenizers of the parent that fit, and train the others.

    Args:
        configuration: of the training.
        corpus: its data.
        parent: the checkpoint that it starts from, if any.

    Returns:
        The tokenizers of the source and of the target language.

    Raises:
        ConfigurationError: the vocabulary is too small for the data.
    """
    settings, seed = configuration.tokenization, configuration.training.seed
    size = settings.vocabulary_size
    sources = [pair.source for pair in corpus.train]
    targets = [pair.target for pair in corpus.train]
    tags = [BACK_TRANSLATED] if any(pair.back_translated for pair in corpus.train) else []
    placeholders = configuration.data.masks_protected
    source, target = _inherited(configuration, parent, tags)
    try:
        if settings.shared:
            if source is None or target is None:
                source = target = Tokenizer.train(
                    sources + targets, size, seed, settings.target_normalization, tags, placeholders
                )
            return source, target
        if source is None:
            source = Tokenizer.train(
                sources, size, seed, settings.source_normalization, tags, placeholders
            )
        if target is None:
            normalization = settings.target_normalization
            target = Tokenizer.train(targets, size, seed, normalization, placeholders=placeholders)
    except VocabularyError as error:
        raise ConfigurationError(f"{error}; raise tokenization.vocabulary_size") from error
    return source, target


def _inherited(
    configuration: Configuration, parent: Checkpoint | None, tags: Sequence[str]
) -> tuple[Tokenizer | None, Tokenizer | None]:
    """Return the tokenizers of the parent for languages that both have; None for the others."""
    if parent is None or parent.configuration.tokenization != configuration.tokenization:
        return None, None
    old, new = parent.configuration.data, configuration.data
    same_source = primary_language(old.source_language) == primary_language(new.source_language)
    same_target = primary_language(old.target_language) == primary_language(new.target_language)
    has_tags = all(parent.source.tag_id(tag) is not None for tag in tags)
    source = parent.source if same_source and has_tags else None
    target = parent.target if same_target else None
    if new.masks_protected:
        source = source and source.with_placeholders()
        target = target and target.with_placeholders()
    return source, target
