"""A whole translation, collected from its events."""

from collections.abc import Iterable
from dataclasses import dataclass

from client.errors import ServerError
from client.events import Event, Result, Source, Token, Tokens


@dataclass(frozen=True, slots=True)
class Translation:
    """A text, how it was read, what was written for it, and the attention between the two."""

    source_text: str
    source: Source
    tokens: tuple[Token, ...]
    result: Result

    @property
    def text(self) -> str:
        """The best translation."""
        return self.result.hypotheses[0].text

    @property
    def attention(self) -> tuple[tuple[float, ...], ...]:
        """Attention, float [target, source]; rows are empty when it was not asked for."""
        return tuple(token.attention for token in self.tokens)

    @classmethod
    def from_events(cls, source_text: str, events: Iterable[Event]) -> "Translation":
        """Collects what `translate` yields; raises ServerError when something is missing."""
        source: Source | None = None
        result: Result | None = None
        tokens: list[Token] = []
        for event in events:
            match event:
                case Source():
                    source = event
                case Tokens():
                    tokens.extend(event.tokens)
                case Result():
                    result = event
        if source is None or result is None or not result.hypotheses:
            raise ServerError("the server sent an incomplete translation: try again")
        return cls(source_text, source, tuple(tokens), result)
