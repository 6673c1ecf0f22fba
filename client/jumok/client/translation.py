"""A whole translation, collected from its events."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from jumok.client.errors import ServerError
from jumok.client.events import Event, Result, Source, Span, Token, Tokens


@dataclass(frozen=True, slots=True)
class Translation:
    """A text with its tokens, its translation, and the attention between the two.

    `tokens` are those of the best hypothesis; each hypothesis of `result` has its own.
    """

    source_text: str
    source: Source
    tokens: tuple[Token, ...]
    result: Result

    @property
    def text(self) -> str:
        """The best translation."""
        return self.result.hypotheses[0].text

    @property
    def words(self) -> tuple[Span, ...]:
        """Words of the best translation, in order."""
        return self.result.hypotheses[0].words

    @property
    def attention(self) -> tuple[tuple[float, ...], ...]:
        """Attention, float [target, source]; rows are empty when it was not asked for.

        A token has no attention over the tokens of other segments.
        """
        return tuple(map(self._row, self.tokens))

    def _row(self, token: Token) -> tuple[float, ...]:
        segments = self.source.segments
        if not token.attention or token.segment >= len(segments):
            return token.attention
        start = segments[token.segment].first_token
        rest = len(self.source.tokens) - start - len(token.attention)
        return (0.0,) * start + token.attention + (0.0,) * rest

    @classmethod
    def from_events(cls, source_text: str, events: Iterable[Event]) -> "Translation":
        """Collect the events of `translate`; raise ServerError if some are missing."""
        source: Source | None = None
        result: Result | None = None
        collected: list[Token] = []
        for event in events:
            match event:
                case Source():
                    source = event
                case Tokens():
                    collected.extend(event.tokens)
                case Result():
                    result = event
        if source is None or result is None or not result.hypotheses:
            raise ServerError("the server sent an incomplete translation: try again")
        tokens = tuple(collected)
        best = dataclasses.replace(result.hypotheses[0], tokens=tokens)
        result = dataclasses.replace(result, hypotheses=(best, *result.hypotheses[1:]))
        return cls(source_text, source, tokens, result)
