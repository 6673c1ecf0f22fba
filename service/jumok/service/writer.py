"""A writer: turns the choices of a search into tokens with text, words and their alignment."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.alignment import AlignmentLink, AlignmentRule, word_alignment
from jumok.bundle.incremental_decoder import IncrementalDecoder
from jumok.bundle.manifest import SpecialIds
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.bundle.words import Span, find_words
from jumok.decoding.hypothesis import Choice, Hypothesis
from jumok.service.events import Alternative, FinishReason, Token, WholeText


class Writer:
    """Writes one translation of one source.

    Attributes:
        tokens: so far, the end left out.
    """

    def __init__(
        self,
        source: Encoding,
        text: str,
        target: Tokenizer,
        rule: AlignmentRule,
        replace_unknown: bool,
    ) -> None:
        """Start a translation.

        Args:
            source: how the text was read.
            text: what it was read of.
            target: tokenizer of the translation.
            rule: how links are read off the attention; "posterior" is for the caller to apply.
            replace_unknown: whether source words stand in for unknown pieces.
        """
        self._source, self._text, self._target, self._rule = source, text, target, rule
        self._replace = replace_unknown
        self._special: SpecialIds = target.special_ids
        self._decoder = IncrementalDecoder(target)
        self._choices: list[Choice] = []
        self.tokens: list[Token] = []

    @property
    def incomplete(self) -> bool:
        """Whether bytes of an unfinished character wait for the rest of it."""
        return self._decoder.incomplete

    def push(self, choices: Iterable[Choice]) -> None:
        """Write on."""
        for choice in choices:
            self._choices.append(choice)
            if choice.token_id != self._special.end:
                text = self._decoder.push(choice.token_id, self._instead(choice))
                self.tokens.append(self._token(choice, text))

    def finish(self) -> None:
        """Write what is left at the end: a replacement character for an unfinished one."""
        rest = self._decoder.finish()
        if rest:
            last = self.tokens[-1]
            self.tokens[-1] = replace(last, text=last.text + rest)

    def end_token(self) -> Token:
        """Return the end of the sentence as a token, which has no text."""
        return self._token(self._choices[-1], "")

    @property
    def words(self) -> tuple[Span, ...]:
        """Words of the text."""
        return find_words(self._decoder.text)

    @property
    def log_prob(self) -> float:
        """Sum over the tokens, the end included where it was reached."""
        return math.fsum(choice.log_prob for choice in self._choices)

    def whole(self, hypothesis: Hypothesis) -> WholeText:
        """Sum up, after `finish`, what was written of a hypothesis."""
        return WholeText(
            reason=FinishReason.END_OF_SENTENCE if hypothesis.ended else FinishReason.LENGTH,
            text=self._decoder.text,
            tokens=tuple(self.tokens),
            log_prob=self.log_prob,
            score=hypothesis.score,
            words=self.words,
            alignment=self.alignment(
                [choice.attention for choice in self._choices], self._decoder.word_indices()
            ),
        )

    def alignment(
        self, attention: Sequence[NDArray[np.float32]], words: Sequence[int]
    ) -> tuple[AlignmentLink, ...]:
        """Link words by rows float32 [source] of attention, one for each choice.

        `words` has the word of each token.
        """
        rows = np.stack(attention)
        return word_alignment(rows, self._source.word_indices, words, self._rule)

    def _token(self, choice: Choice, text: str) -> Token:
        piece = self._target.piece
        return Token(
            choice.token_id,
            piece(choice.token_id),
            text,
            choice.log_prob,
            choice.attention,
            tuple(
                Alternative(token_id, piece(token_id), log_prob)
                for token_id, log_prob in choice.alternatives
            ),
        )

    def _instead(self, choice: Choice) -> str | None:
        if not self._replace or choice.token_id != self._special.unknown:
            return None
        word = self._source.word_indices[int(choice.attention[:-1].argmax())]
        span = self._source.words[word]
        return self._text[span.start : span.end]
