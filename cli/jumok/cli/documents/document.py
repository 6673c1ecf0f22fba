"""A document, as its translation sees it: passages, and everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jumok.client.requests import TextFormat


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document that is translated by itself.

    Attributes:
        text: the text.
        format: how it is marked up, as in a request.
        place: where it is, for messages, such as "line 3".
    """

    text: str
    format: TextFormat = "plain"
    place: str = ""


class Document(Protocol):
    """A document of any kind."""

    @property
    def passages(self) -> Sequence[Passage]:
        """What is to be translated, in order."""
        ...

    def written(self, translations: Sequence[str | None]) -> bytes:
        """Return the document with its passages replaced.

        Args:
            translations: those of the passages, in order; None leaves a passage as it was.

        Raises:
            DocumentError: the encoding of the document has no such characters.
        """
        ...
