"""Translation and forced decoding of texts in batches, with any `StepModel`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.incremental_decoder import IncrementalDecoder
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.bundle.words import TextSpan, word_indices
from jumok.decoding.batch_search import force, search
from jumok.decoding.hypothesis import ScoredHypothesis
from jumok.decoding.options import Decoding
from jumok.decoding.step_model import StepModel
from jumok.evaluation.scoring.sentence_pair import SentencePair


@dataclass(frozen=True, slots=True)
class AttendedTranslation:
    """A decoded or force-decoded translation with its attention.

    Attributes:
        text: the translation.
        token_ids: its tokens, without the end.
        log_probs: float32 [target], log-probability of each token, and of the end if it was
            reached, in nats.
        attention: float32 [target, source], one row for each entry of `log_probs`; columns are
            the source tokens and the end of the source.
        source_words: word index of each source token.
        target_words: word index of each target token.
        posterior: float32 [target, source], attention reweighted by the probability of the emitted
            token; see `jumok.decoding.posterior_attention`. None if it was not requested.
    """

    text: str
    token_ids: tuple[int, ...]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    source_words: tuple[int, ...]
    target_words: tuple[int, ...]
    posterior: NDArray[np.float32] | None = None

    @property
    def mean_log_prob(self) -> float:
        """Mean log-probability of the tokens and the end, in nats."""
        return float(self.log_probs.mean())


class BatchTranslator:
    """Translate and force-decode batches of texts with a model and its two tokenizers."""

    def __init__(
        self, model: StepModel, source: Tokenizer, target: Tokenizer, max_tokens: int
    ) -> None:
        """Create a translator.

        Args:
            model: encoder and decoder step.
            source: tokenizer of the source language.
            target: tokenizer of the target language.
            max_tokens: maximum length of a translation, in tokens.
        """
        self._model, self._source, self._target = model, source, target
        self._max_tokens = max_tokens

    def translate(
        self,
        texts: Sequence[str],
        beam: int = 1,
        length_penalty: float = 1.0,
        batch_size: int = 64,
    ) -> list[AttendedTranslation]:
        """Translate sentences in batches of similar lengths.

        Args:
            texts: sentences.
            beam: beam width; 1 is greedy search.
            length_penalty: α of `jumok.decoding.options.Decoding`.
            batch_size: sentences in a batch.

        Returns:
            The best translation of each sentence, in the order of `texts`.
        """
        special = self._source.special_ids
        encodings = [self._source.encode(text) for text in texts]
        decoding = Decoding(self._max_tokens, beam=beam, length_penalty=length_penalty)

        def translate_some(indices: list[int]) -> list[AttendedTranslation]:
            sources = [[*encodings[index].ids, special.end] for index in indices]
            found = search(self._model, sources, special, decoding)
            return [
                self._translation(best, encodings[index].word_indices)
                for index, (best,) in zip(indices, found, strict=True)
            ]

        return _by_length(translate_some, [len(encoding.ids) for encoding in encodings], batch_size)

    def force(
        self, pairs: Sequence[SentencePair], batch_size: int = 64
    ) -> list[AttendedTranslation]:
        """Force-decode the targets of sentence pairs.

        Words are those of the pair if it defines any. Posterior attention is computed for batches
        in which at least one pair has gold links.

        Args:
            pairs: sources and targets.
            batch_size: sentences in a batch.

        Returns:
            The targets with their log-probabilities and attention, in the order of `pairs`.
        """
        special = self._source.special_ids
        sources = [self._source.encode(pair.source) for pair in pairs]
        targets = [self._target.encode(pair.target) for pair in pairs]

        def force_some(indices: list[int]) -> list[AttendedTranslation]:
            found = force(
                self._model,
                [[*sources[index].ids, special.end] for index in indices],
                [targets[index].ids for index in indices],
                special,
                posterior=any(pairs[index].alignment is not None for index in indices),
            )
            return [
                AttendedTranslation(
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

    def _translation(
        self, hypothesis: ScoredHypothesis, source_words: tuple[int, ...]
    ) -> AttendedTranslation:
        decoder = IncrementalDecoder(self._target)
        for token_id in hypothesis.token_ids:
            decoder.push(token_id)
        decoder.finish()
        return AttendedTranslation(
            decoder.text,
            hypothesis.token_ids,
            hypothesis.log_probs,
            hypothesis.attention,
            source_words,
            decoder.word_indices(),
        )


def _words(encoding: Encoding, words: tuple[TextSpan, ...] | None) -> tuple[int, ...]:
    return (
        encoding.word_indices
        if words is None
        else word_indices([span.start for span in encoding.spans], words)
    )


def _by_length(
    work: Callable[[list[int]], list[AttendedTranslation]], lengths: Sequence[int], batch_size: int
) -> list[AttendedTranslation]:
    """Call `work` with batches of indices of similar lengths; return its results in order."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    done: dict[int, AttendedTranslation] = {}
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        done.update(zip(indices, work(indices), strict=True))
    return [done[index] for index in range(len(lengths))]
