"""The writer: token ids to text, words and their alignment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.alignment import AlignmentRule, WordLink, word_alignment
from jumok.bundle.incremental_decoder import IncrementalDecoder
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.bundle.words import TextSpan, find_words
from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text as the model reads it.

    Attributes:
        text: the text.
        encoding: its tokens, the end left out.
        end_id: token id of the end, which attention also covers, as the last position.
        end_piece: its piece.
    """

    text: str
    encoding: Encoding
    end_id: int
    end_piece: str


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A whole translation.

    Attributes:
        tokens: its tokens, the end among them where `ended`.
        texts: what each token adds to the text, the end left out.
        text: all of it.
        ended: whether the model ended it, rather than a limit.
        log_prob: sum over its tokens, the end included where it was reached.
        score: what hypotheses are compared by, see `jumok.decoding.hypothesis.score`.
        words: of the text.
        alignment: links between source words and these.
    """

    tokens: TokenSequence
    texts: Sequence[str]
    text: str
    ended: bool
    log_prob: float
    score: float
    words: tuple[TextSpan, ...]
    alignment: tuple[WordLink, ...]


class Writer:
    """Writes one translation of one source.

    Attributes:
        texts: what each token so far adds to the text; the end of the sentence adds nothing and
            has no entry.
    """

    def __init__(self, source: SourceText, target: Tokenizer, replace_unknown: bool) -> None:
        """Start a translation.

        Args:
            source: the text that is translated.
            target: tokenizer of the translation.
            replace_unknown: whether the source word that got most attention stands in for an
                unknown piece.
        """
        self._source, self._target, self._replace = source, target, replace_unknown
        self._unknown, self._end = target.special_ids.unknown, target.special_ids.end
        self._decoder = IncrementalDecoder(target)
        self.texts: list[str] = []

    @property
    def incomplete(self) -> bool:
        """Whether bytes of an unfinished character wait for the rest of it."""
        return self._decoder.incomplete

    def write(self, tokens: TokenSequence, start: int, stop: int) -> None:
        """Write tokens `start` to `stop` of a sequence, which follow those written before."""
        push, end, texts = self._decoder.push, self._end, self.texts
        for place in range(start, stop):
            token_id = tokens.token_ids[place]
            if token_id == end:
                continue
            if self._replace and token_id == self._unknown:
                texts.append(push(token_id, self._replacement(tokens.attention[place])))
            else:
                texts.append(push(token_id))

    def finish(self) -> None:
        """Write what is left at the end: a replacement character for an unfinished one."""
        rest = self._decoder.finish()
        if rest:
            self.texts[-1] += rest

    def continued(self, tokens: TokenSequence, start: int) -> list[str]:
        """Return the texts from token `start` on if `tokens` followed; they are not written."""
        fork = Writer(self._source, self._target, self._replace)
        fork._decoder, fork.texts = self._decoder.fork(), self.texts[start:]
        fork.write(tokens, 0, len(tokens))
        fork.finish()
        return fork.texts

    def whole(self, hypothesis: ScoredHypothesis, rule: AlignmentRule) -> WrittenText:
        """Sum up what was written of a hypothesis, after `finish`; links are read off by `rule`."""
        tokens = hypothesis.tokens
        return WrittenText(
            tokens=tokens,
            texts=self.texts,
            text=self._decoder.text,
            ended=hypothesis.ended,
            log_prob=math.fsum(tokens.log_probs),
            score=hypothesis.score,
            words=find_words(self._decoder.text),
            alignment=word_alignment(
                np.concatenate(tokens.attention).reshape(len(tokens), -1),  # faster than np.stack
                self._source.encoding.word_indices,
                self._decoder.word_indices(),
                rule,
            ),
        )

    def _replacement(self, attention: NDArray[np.float32]) -> str:
        encoding = self._source.encoding
        span = encoding.words[encoding.word_indices[int(attention[:-1].argmax())]]
        return self._source.text[span.start : span.end]
