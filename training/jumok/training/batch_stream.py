"""The batches of every training step, determined by the seed, the epoch and the step."""

from collections.abc import Sequence
from random import Random

from jumok.bundle.tokenizer import BACK_TRANSLATED, Tokenizer
from jumok.bundle.words import find_words
from jumok.evaluation.scoring.sentence_pair import Links, SentencePair
from jumok.training.configuration import Configuration
from jumok.training.data.batches import TokenBatch, TokenPair, make_batch, plan_epoch
from jumok.training.data.subword_sampling import SplitSampler
from jumok.training.errors import DataError


class BatchStream:
    """Make the micro-batches of any step of any epoch, reproducibly."""

    def __init__(
        self,
        pairs: Sequence[SentencePair],
        source: Tokenizer,
        target: Tokenizer,
        configuration: Configuration,
    ) -> None:
        """Tokenize the training pairs.

        Args:
            pairs: the training pairs.
            source: tokenizer of the source language.
            target: tokenizer of the target language.
            configuration: of the training.

        Raises:
            DataError: every pair is longer than the limits.
        """
        self._special = source.special_ids
        self._settings, self._limits = configuration.training, configuration.limits
        power = configuration.tokenization.sampling
        self._samplers = [SplitSampler(side, power) for side in (source, target) if power]
        self._starts = tuple(
            [tokenizer.begins_word(token_id) for token_id in range(tokenizer.vocabulary_size)]
            for tokenizer in (source, target)
        )
        self._tag = source.tag_id(BACK_TRANSLATED)
        tokens = self._token_pairs(
            pairs,
            source.encode_ids([pair.source for pair in pairs]),
            target.encode_ids([pair.target for pair in pairs]),
        )
        fitting = [index for index, pair in enumerate(tokens) if self._fits(pair)]
        if not fitting:
            raise DataError("every training pair is longer than [limits] allows; raise the limits")
        self.left_out = len(pairs) - len(fitting)
        self._sentences = [pairs[index] for index in fitting]
        self._best = [tokens[index] for index in fitting]
        self._tokens = self._best
        self._epoch, self._plan = -1, list[list[int]]()

    def steps(self, epoch: int) -> int:
        """Return the number of steps of an epoch; epochs are counted from 0."""
        self._enter(epoch)
        return -(-len(self._plan) // self._settings.accumulate)

    def tokens(self, epoch: int, step: int) -> tuple[int, int]:
        """Return the source and target tokens of a step, including ends, excluding padding."""
        pairs = [pair for chunk in self._chunks(epoch, step) for pair in chunk]
        return sum(len(pair.source) + 1 for pair in pairs), sum(
            len(pair.target) + 1 for pair in pairs
        )

    def batches(self, epoch: int, step: int, rank: int, count: int) -> list[TokenBatch]:
        """Make the micro-batches of a step for process `rank` of `count` processes."""
        special = self._special
        return [
            make_batch(chunk, special.padding, special.begin, special.end)
            for chunk in self._chunks(epoch, step)[rank::count]
        ]

    def _chunks(self, epoch: int, step: int) -> list[list[TokenPair]]:
        self._enter(epoch)
        start = step * self._settings.accumulate
        # the last step of an epoch is completed with its first batches: each process needs one
        chosen = (
            self._plan[place % len(self._plan)]
            for place in range(start, start + self._settings.accumulate)
        )
        return [[self._tokens[index] for index in indices] for indices in chosen]

    def _enter(self, epoch: int) -> None:
        if epoch == self._epoch:
            return
        settings = self._settings
        if self._samplers:
            source, target = self._samplers
            generator = Random(f"{settings.seed} {epoch}")
            sampled = self._token_pairs(
                self._sentences,
                [source.draw(pair.source, generator) for pair in self._sentences],
                [target.draw(pair.target, generator) for pair in self._sentences],
            )
            self._tokens = [
                drawn if self._fits(drawn) else best
                for drawn, best in zip(sampled, self._best, strict=True)
            ]
        self._epoch = epoch
        self._plan = plan_epoch(self._tokens, settings.batch_tokens, settings.seed, epoch)

    def _token_pairs(
        self,
        pairs: Sequence[SentencePair],
        sources: list[list[int]],
        targets: list[list[int]],
    ) -> list[TokenPair]:
        guided = self._settings.guided_alignment > 0
        found = []
        for pair, source, target in zip(pairs, sources, targets, strict=True):
            links = self._links(pair, source, target) if guided else None
            if pair.back_translated and self._tag is not None:
                source = [self._tag, *source]
                links = links and frozenset((place + 1, other) for place, other in links)
            found.append(TokenPair(tuple(source), tuple(target), links))
        return found

    def _links(
        self, pair: SentencePair, source: Sequence[int], target: Sequence[int]
    ) -> Links | None:
        """Link every source token of a linked word with every target token."""
        if pair.alignment is None:
            return None
        words = [
            _word_tokens(ids, starts)
            for ids, starts in zip((source, target), self._starts, strict=True)
        ]
        texts = pair.source, pair.target
        if [len(side) for side in words] != [len(find_words(text)) for text in texts]:
            return None  # normalisation changed word boundaries, or a script without spaces
        return frozenset(
            (source_token, target_token)
            for source_word, target_word in pair.alignment.sure
            for source_token in words[0][source_word]
            for target_token in words[1][target_word]
        )

    def _fits(self, pair: TokenPair) -> bool:
        limits = self._limits
        return (
            0 < len(pair.source) <= limits.max_source_tokens
            and 0 < len(pair.target) <= limits.max_target_tokens
        )


def _word_tokens(ids: Sequence[int], starts: Sequence[bool]) -> list[list[int]]:
    """Return the positions of the tokens of each word."""
    words: list[list[int]] = []
    for place, token_id in enumerate(ids):
        if starts[token_id] or not words:
            words.append([])
        words[-1].append(place)
    return words
