"""A translation while it is written: decided tokens become text, then a whole."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.decoding.hypothesis import Choice, Hypothesis
from jumok.service.errors import DeadlineError, EngineError
from jumok.service.events import (
    Aligned,
    Decided,
    EngineEvent,
    Expired,
    Failed,
    Finished,
    SourceRead,
    Timings,
    Token,
    TokensDecided,
    Translated,
)
from jumok.service.writer import Writer

Timed = tuple[float, EngineEvent]
"""An event and when it came, in seconds of `time.monotonic`."""


class Draft:
    """Takes in what the engine decides about one sentence."""

    def __init__(
        self,
        source: SourceRead,
        target: Tokenizer,
        rule: AlignmentRule,
        replace_unknown: bool = False,
    ) -> None:
        """Start a translation of `source` into the language of `target`; see `Writer`."""
        self._source, self._target = source, target
        self._rule, self._replace = rule, replace_unknown
        self._writer = self._start()
        self._choices: list[Choice] = []
        self._hypotheses: tuple[Hypothesis, ...] = ()
        self._sent = 0
        self._shown = False  # whether something provisional was, last
        self._first = self._last = 0.0

    @property
    def finished(self) -> bool:
        """Whether all is written."""
        return bool(self._hypotheses)

    def add(self, events: Sequence[Timed]) -> TokensDecided | None:
        """Take in events, in order.

        Returns:
            What can be sent, if anything. Bytes of an unfinished character wait for the rest of
            it, so that what is sent never has to be taken back.

        Raises:
            EngineError: the engine failed on this sentence.
            DeadlineError: it was given up.
        """
        provisional: tuple[Choice, ...] | None = None
        for moment, event in events:
            match event:
                case Failed(description):
                    raise EngineError(description)
                case Expired():
                    raise DeadlineError("the deadline passed before all was translated")
                case Finished(hypotheses):
                    self._hypotheses = hypotheses
                    self._writer.finish()
                    provisional = None
                case Decided(choices):
                    if choices:
                        self._first = self._first or moment
                        self._last = moment
                        self._choices.extend(choices)
                        self._writer.push(choices)
                    provisional = event.provisional or None
        tokens = () if self._writer.incomplete else tuple(self._writer.tokens[self._sent :])
        self._sent += len(tokens)
        tail = () if provisional is None else self._continued(provisional)
        if not (tokens or tail or (self._shown and provisional is not None)):
            return None
        self._shown = bool(tail)
        return TokensDecided(tokens, tail)

    def translated(self, arrived: float, started: float, seed: int | None = None) -> Translated:
        """Sum up a finished translation, which arrived and was started then."""
        first, *others = self._hypotheses
        wholes = [self._writer.whole(first)]
        for hypothesis in others:
            writer = self._start()
            writer.push(hypothesis.choices)
            writer.finish()
            wholes.append(writer.whole(hypothesis))
        timings = Timings(started - arrived, self._first - arrived, self._last - arrived)
        return Translated(tuple(wholes), timings, seed)

    def aligned(self, target: Encoding, posterior: Sequence[NDArray[np.float32]] | None) -> Aligned:
        """Sum up a finished translation that was given.

        Args:
            target: how it was read.
            posterior: the attention to read links off, a row float32 [source] for each token, where
                it is not that of the tokens.
        """
        writer = self._writer
        rows = posterior or [choice.attention for choice in self._choices]
        return Aligned(
            self._source,
            (*writer.tokens, writer.end_token()),
            target.words,
            writer.alignment(rows, target.word_indices),
            self._rule,
            writer.log_prob,
        )

    def _start(self) -> Writer:
        return Writer(
            self._source.encoding, self._source.text, self._target, self._rule, self._replace
        )

    def _continued(self, provisional: Sequence[Choice]) -> tuple[Token, ...]:
        writer = self._start()
        writer.push(self._choices)
        writer.push(provisional)
        writer.finish()
        return tuple(writer.tokens[self._sent :])
