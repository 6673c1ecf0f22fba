"""A translation while it is written: decided tokens become text, then a whole."""

import math
from collections.abc import Sequence

import numpy as np

from bundle.alignment import word_alignment
from bundle.tokenizer import Encoding, IncrementalDecoder, Tokenizer
from bundle.words import find_words
from service.errors import EngineError
from service.events import (
    Decided,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Timings,
    Token,
    Translated,
)

Timed = tuple[float, EngineEvent]
"""An event and when it came, in seconds of `time.monotonic`."""


class Draft:
    """Takes in what the engine decides about one sentence."""

    def __init__(self, target: Tokenizer, end: int) -> None:
        """Start a translation into the language of `target`; `end` is the id that ends it."""
        self._target, self._end = target, end
        self._decoder = IncrementalDecoder(target)
        self._tokens: list[Token] = []
        self._sent = 0
        self._log_probs: list[float] = []
        self._reason: FinishReason | None = None
        self._first = self._last = 0.0

    @property
    def finished(self) -> bool:
        """Whether all is written."""
        return self._reason is not None

    def add(self, events: Sequence[Timed]) -> tuple[Token, ...]:
        """Take in events, in order.

        Returns:
            The tokens that can be sent. Bytes of an unfinished character wait for the rest of it,
            so that what is sent never has to be taken back.

        Raises:
            EngineError: the engine failed on this sentence.
        """
        for moment, event in events:
            match event:
                case Failed(description):
                    raise EngineError(description)
                case Finished(reason):
                    self._reason = reason
                    self._complete()
                case Decided():
                    self._first = self._first or moment
                    self._last = moment
                    self._log_probs.append(event.log_prob)
                    if event.token_id != self._end:
                        self._append(event)
        if self._decoder.incomplete:
            return ()
        ready = tuple(self._tokens[self._sent :])
        self._sent = len(self._tokens)
        return ready

    def translated(self, source: Encoding, arrived: float, started: float) -> Translated:
        """Sum up a finished translation of `source`, which arrived and was started then."""
        assert self._reason is not None
        links = word_alignment(
            np.array([token.attention for token in self._tokens]),
            source.word_indices,
            self._decoder.word_indices(),
        )
        log_prob = math.fsum(self._log_probs)
        return Translated(
            reason=self._reason,
            text=self._decoder.text,
            log_prob=log_prob,
            score=log_prob / len(self._log_probs),
            words=find_words(self._decoder.text),
            alignment=links,
            timings=Timings(started - arrived, self._first - arrived, self._last - arrived),
        )

    def _append(self, event: Decided) -> None:
        text = self._decoder.push(event.token_id)
        piece = self._target.piece(event.token_id)
        token = Token(event.token_id, piece, text, event.log_prob, event.attention)
        self._tokens.append(token)

    def _complete(self) -> None:
        rest = self._decoder.finish()
        if rest:
            last = self._tokens[-1]
            self._tokens[-1] = Token(
                last.token_id, last.piece, last.text + rest, last.log_prob, last.attention
            )
