"""Incremental decoding of token ids to text."""

import codecs
from collections.abc import Iterable

from jumok.bundle.tokenizer import Tokenizer
from jumok.bundle.words import find_words, word_indices


class IncrementalDecoder:
    """Decodes token ids one by one; never emits part of a character.

    Attributes:
        text: the text so far.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Start with an empty text."""
        self.text = ""
        self._tokenizer = tokenizer
        self._bytes = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = False  # whether `_bytes` holds part of a character
        self._starts: list[int] = []  # of the visible characters of each token

    @property
    def incomplete(self) -> bool:
        """Whether the last character is still incomplete."""
        return self._pending

    def push(self, token_id: int, instead: str | None = None) -> str:
        """Append a token and return the text that it completes, which may be empty.

        With `instead`, append this word in place of the token.
        """
        text = self._tokenizer.text(token_id) if instead is None else f" {instead}"
        if text is None:
            text = self._bytes.decode(bytes([int(self._tokenizer.piece(token_id)[1:-1], 16)]))
            self._pending = bool(self._bytes.getstate()[0])
        elif text and self._pending:
            text = self._bytes.decode(b"", final=True) + text
            self._pending = False
        if not self.text:
            text = text.lstrip(" ")
        self.text += text
        self._starts.append(len(self.text) - len(text.lstrip()))
        return text

    def fork(self) -> "IncrementalDecoder":
        """Return an independent copy."""
        fork = IncrementalDecoder(self._tokenizer)
        fork.text, fork._starts = self.text, self._starts.copy()
        fork._bytes.setstate(self._bytes.getstate())
        fork._pending = self._pending
        return fork

    def finish(self) -> str:
        """Return the rest of the text: a replacement character if a character is incomplete."""
        rest = self._bytes.decode(b"", final=True)
        self._pending = False
        self.text += rest
        return rest

    def word_indices(self) -> tuple[int, ...]:
        """Return, for each token so far, the index of its word in `find_words(self.text)`.

        Empty if the text has no words yet.
        """
        words = find_words(self.text)
        return word_indices(self._starts, words) if words else ()


def decode(tokenizer: Tokenizer, ids: Iterable[int]) -> str:
    """Decode token ids to text, as `IncrementalDecoder` does."""
    decoder = IncrementalDecoder(tokenizer)
    return "".join([decoder.push(token_id) for token_id in ids]) + decoder.finish()
