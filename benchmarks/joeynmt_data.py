"""Write the sentence pairs of a configuration as data for Joey NMT."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import PeerError
from jumok.bundle.tokenizer import Tokenizer
from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.configuration import Configuration
from jumok.training.data.batches import TokenPair, plan_epoch


@dataclass(frozen=True, slots=True)
class PreparedData:
    """A data folder.

    Attributes:
        folder: folder with train, dev and test, each as .source and .target, and for both sides a
            SentencePiece .model and the .vocabulary of its pieces.
        pairs: number of training pairs.
        source_tokens: source tokens of the training pairs, including ends.
        target_tokens: target tokens of the training pairs, including ends.
        batch: sentences in a batch; jumok's average.
    """

    folder: Path
    pairs: int
    source_tokens: int
    target_tokens: int
    batch: int

    @property
    def batches(self) -> int:
        """Number of batches of an epoch."""
        return math.ceil(self.pairs / self.batch)


def prepare(
    settings: Configuration,
    train: Sequence[SentencePair],
    dev: Sequence[SentencePair],
    test: Sequence[SentencePair],
    folder: Path,
) -> PreparedData:
    """Write texts, SentencePiece models and vocabularies.

    SentencePiece models and the limit of lengths are the same as in jumok's training.

    Args:
        settings: configuration of the training.
        train: training pairs.
        dev: development pairs.
        test: test pairs.
        folder: output folder.

    Raises:
        PeerError: there are no development or test pairs.
    """
    if not dev or not test:
        raise PeerError("Joey NMT needs development and test pairs; the configuration lacks them")
    folder.mkdir(parents=True, exist_ok=True)
    sources, targets = [pair.source for pair in train], [pair.target for pair in train]
    source, target = _tokenizers(settings, sources, targets)
    for side, tokenizer in (("source", source), ("target", target)):
        (folder / f"{side}.model").write_bytes(tokenizer.model)
        pieces = [tokenizer.piece(token_id) for token_id in range(tokenizer.vocabulary_size)]
        _write_lines(folder / f"{side}.vocabulary", pieces)
    limits = settings.limits
    tokens = [
        TokenPair(tuple(source_ids), tuple(target_ids))
        for source_ids, target_ids in zip(
            source.encode_ids(sources), target.encode_ids(targets), strict=True
        )
    ]
    kept = [
        index
        for index, pair in enumerate(tokens)
        if 0 < len(pair.source) <= limits.max_source_tokens
        and 0 < len(pair.target) <= limits.max_target_tokens
    ]
    parts = {"train": [train[index] for index in kept], "dev": dev, "test": test}
    for part, pairs in parts.items():
        _write_lines(folder / f"{part}.source", [pair.source for pair in pairs])
        _write_lines(folder / f"{part}.target", [pair.target for pair in pairs])
    trained = [tokens[index] for index in kept]
    steps = len(plan_epoch(trained, settings.training.batch_tokens, settings.training.seed, 0))
    return PreparedData(
        folder=folder,
        pairs=len(trained),
        source_tokens=sum(len(pair.source) + 1 for pair in trained),
        target_tokens=sum(len(pair.target) + 1 for pair in trained),
        batch=round(len(trained) / steps) * settings.training.accumulate,
    )


def _tokenizers(
    settings: Configuration, sources: list[str], targets: list[str]
) -> tuple[Tokenizer, Tokenizer]:
    size, seed = settings.tokenization.vocabulary_size, settings.training.seed
    if settings.tokenization.shared:
        shared = Tokenizer.train(sources + targets, size, seed)
        return shared, shared
    return Tokenizer.train(sources, size, seed), Tokenizer.train(targets, size, seed)


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    # Joey NMT splits lines at all of Unicode's line ends
    path.write_text("".join(" ".join(line.split()) + "\n" for line in lines), "utf-8")
