"""Translation and forced decoding of texts, with any `StepModel`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.incremental_decoder import IncrementalDecoder
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.bundle.words import Span, word_indices
from jumok.decoding.batch_search import force, search
from jumok.decoding.hypothesis import Hypothesis
from jumok.decoding.options import Decoding
from jumok.decoding.step_model import StepModel
from jumok.training.sentence_pair import SentencePair


@dataclass(frozen=True, slots=True)
class Translation:
    """A translation, found or given, with the attention that produced it.

    Attributes:
        text: the translation.
        token_ids: the end left out.
        log_probs: float32 [target], of each token, and of the end where it was reached; in nats.
        attention: float32 [target, source], a row for each of these; columns are the source's
            tokens and then its end.
        source_words: word index of each source token.
        target_words: word index of each target token.
        posterior: as `attention`, corrected by the token that each step wrote; see
            `decoding.posterior_attention`. None where it was not asked for.
    """

    text: str
    token_ids: tuple[int, ...]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    source_words: tuple[int, ...]
    target_words: tuple[int, ...]
    posterior: NDArray[np.float32] | None = None


class Translator:
    """Translates texts with a model and its two tokenizers."""

    def __init__(
        self, model: StepModel, source: Tokenizer, target: Tokenizer, max_tokens: int
    ) -> None:
        """Translate with `model` between its tokenizers, to `max_tokens` tokens at the most."""
        self._model, self._source, self._target = model, source, target
        self._max_tokens = max_tokens

    def translate(
        self,
        texts: Sequence[str],
        beam: int = 1,
        length_penalty: float = 1.0,
        batch_size: int = 64,
    ) -> list[Translation]:
        """Translate `texts`, similar lengths together, and give them back in order.

        Args:
            texts: sentences.
            beam: hypotheses that a sentence goes on with; 1 is greedy.
            length_penalty: α of `Decoding`.
            batch_size: sentences searched at a time.
        """
        special = self._source.special_ids
        encodings = [self._source.encode(text) for text in texts]
        decoding = Decoding(self._max_tokens, beam=beam, length_penalty=length_penalty)

        def translate_some(indices: list[int]) -> list[Translation]:
            sources = [[*encodings[index].ids, special.end] for index in indices]
            found = search(self._model, sources, special, decoding)
            return [
                self._translation(best, encodings[index].word_indices)
                for index, (best,) in zip(indices, found, strict=True)
            ]

        return _by_length(translate_some, [len(encoding.ids) for encoding in encodings], batch_size)

    def force(self, pairs: Sequence[SentencePair], batch_size: int = 64) -> list[Translation]:
        """Score given translations, under teacher forcing.

        Where a pair brings words of its own, tokens belong to those; where one of a batch brings
        gold links, its attention is also found in hindsight, as `posterior`.
        """
        special = self._source.special_ids
        sources = [self._source.encode(pair.source) for pair in pairs]
        targets = [self._target.encode(pair.target) for pair in pairs]

        def force_some(indices: list[int]) -> list[Translation]:
            found = force(
                self._model,
                [[*sources[index].ids, special.end] for index in indices],
                [targets[index].ids for index in indices],
                special,
                posterior=any(pairs[index].alignment is not None for index in indices),
            )
            return [
                Translation(
                    pairs[index].target,
                    forced.token_ids,
                    forced.log_probs,
                    forced.attention,
                    _words(sources[index], pairs[index].source_words),
                    _words(targets[index], pairs[index].target_words),
                    forced.posterior,
                )
                for index, forced in zip(indices, found, strict=True)
            ]

        return _by_length(force_some, [len(target.ids) for target in targets], batch_size)

    def _translation(self, hypothesis: Hypothesis, source_words: tuple[int, ...]) -> Translation:
        decoder = IncrementalDecoder(self._target)
        for token_id in hypothesis.token_ids:
            decoder.push(token_id)
        decoder.finish()
        return Translation(
            decoder.text,
            hypothesis.token_ids,
            hypothesis.log_probs,
            hypothesis.attention,
            source_words,
            decoder.word_indices(),
        )


def _words(encoding: Encoding, words: tuple[Span, ...] | None) -> tuple[int, ...]:
    return (
        encoding.word_indices
        if words is None
        else word_indices([span.start for span in encoding.spans], words)
    )


def _by_length(
    work: Callable[[list[int]], list[Translation]], lengths: Sequence[int], batch_size: int
) -> list[Translation]:
    """Do `work` on batches of indices of similar lengths; give what it returns back in order."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    done: dict[int, Translation] = {}
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        done.update(zip(indices, work(indices), strict=True))
    return [done[index] for index in range(len(lengths))]
