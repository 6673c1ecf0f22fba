"""Token ids back to text, as they come."""

import codecs
from collections.abc import Iterable

from jumok.bundle.tokenizer import Tokenizer
from jumok.bundle.words import find_words, word_indices


class IncrementalDecoder:
    """Turns token ids into text as they come; never emits part of a character.

    Attributes:
        text: all the text so far.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Start a text."""
        self.text = ""
        self._tokenizer = tokenizer
        self._bytes = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = False  # whether it holds bytes
        self._starts: list[int] = []  # of what is visible of each token

    @property
    def incomplete(self) -> bool:
        """Whether bytes of an unfinished character wait for the rest of it."""
        return self._pending

    def push(self, token_id: int, instead: str | None = None) -> str:
        """Return the text that this token completes; may be empty.

        With `instead`, this word stands for the token.
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
        """Return a decoder that goes on from here, without changing this one."""
        fork = IncrementalDecoder(self._tokenizer)
        fork.text, fork._starts = self.text, self._starts.copy()
        fork._bytes.setstate(self._bytes.getstate())
        fork._pending = self._pending
        return fork

    def finish(self) -> str:
        """Return what is left at the end: a replacement character for an unfinished one."""
        rest = self._bytes.decode(b"", final=True)
        self._pending = False
        self.text += rest
        return rest

    def word_indices(self) -> tuple[int, ...]:
        """For each token so far, the index of its word in `find_words(self.text)`.

        Empty while that has no words.
        """
        words = find_words(self.text)
        return word_indices(self._starts, words) if words else ()


def decode(tokenizer: Tokenizer, ids: Iterable[int]) -> str:
    """Join tokens to text: what an `IncrementalDecoder` gives for them, joined."""
    decoder = IncrementalDecoder(tokenizer)
    return "".join([decoder.push(token_id) for token_id in ids]) + decoder.finish()
