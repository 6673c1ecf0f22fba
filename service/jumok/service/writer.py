"""The writer: turns token ids into text, words and word alignment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.alignment import AlignmentRule, WordLink, word_alignment
from jumok.bundle.incremental_decoder import IncrementalDecoder
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.bundle.words import TextSpan, find_words
from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence
from jumok.text.model_text import ModelText
from jumok.text.signs import Sign


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source text and its tokens.

    Attributes:
        text: the text.
        encoding: its tokens, without the end of the sentence.
        end_id: token id of the end of the sentence, the last position of attention.
        end_piece: piece of the end.
        start: where it begins in the text of the request.
        divided: whether the sentence continues in the next segment; see `jumok.text.segments`.
        read: the text as the model reads it, if its translation gets something back.
        read_spans: range of each token in the text that the model reads, in that case.
    """

    text: str
    encoding: Encoding
    end_id: int
    end_piece: str
    start: int = 0
    divided: bool = False
    read: ModelText | None = None
    read_spans: tuple[TextSpan, ...] = ()


class SegmentStart(NamedTuple):
    """Where a segment begins.

    Attributes:
        target: index of its first target token.
        source: index of its first source token.
    """

    target: int
    source: int


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A finished translation.

    Attributes:
        tokens: the tokens, including the end if `ended`.
        texts: the text that each token adds; no entry for the end.
        text: the whole text.
        ended: whether the model generated the end, rather than reaching a limit.
        log_prob: sum of the log-probabilities of the tokens.
        score: the score that ranks hypotheses, see `jumok.decoding.hypothesis.score`.
        words: the words of the text.
        alignment: links between source words and these words.
        segments: the start of each segment.
        signs: signs that it may be wrong, each with the index of its segment.
        mean_log_probs: mean log-probability of the tokens and the end of each segment.
    """

    tokens: TokenSequence
    texts: Sequence[str]
    text: str
    ended: bool
    log_prob: float
    score: float
    words: tuple[TextSpan, ...]
    alignment: tuple[WordLink, ...]
    segments: tuple[SegmentStart, ...] = (SegmentStart(0, 0),)
    signs: tuple[tuple[int, Sign], ...] = ()
    mean_log_probs: tuple[float, ...] = ()


class Writer:
    """Turns the tokens of one translation into text.

    Attributes:
        texts: the text that each token so far adds; no entry for the end of the sentence.
    """

    def __init__(self, source: SourceText, target: Tokenizer, replace_unknown: bool) -> None:
        """Start a translation.

        Args:
            source: the source text.
            target: tokenizer of the target language.
            replace_unknown: whether to replace the unknown piece with the source word at the
                maximum of its attention.
        """
        self._source, self._target, self._replace = source, target, replace_unknown
        self._unknown, self._end = target.special_ids.unknown, target.special_ids.end
        self._decoder = IncrementalDecoder(target)
        self.texts: list[str] = []

    @property
    def incomplete(self) -> bool:
        """Whether the tokens so far end inside a character of several bytes."""
        return self._decoder.incomplete

    def write(self, tokens: TokenSequence, start: int, stop: int) -> None:
        """Append tokens `start` to `stop` of a sequence."""
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
        """End the text; an incomplete character becomes U+FFFD, the replacement character."""
        rest = self._decoder.finish()
        if rest:
            self.texts[-1] += rest

    def continued(self, tokens: TokenSequence, start: int) -> list[str]:
        """Return the texts from token `start` on, as they would be with `tokens` appended."""
        fork = Writer(self._source, self._target, self._replace)
        fork._decoder, fork.texts = self._decoder.fork(), self.texts[start:]
        fork.write(tokens, 0, len(tokens))
        fork.finish()
        return fork.texts

    def whole(self, hypothesis: ScoredHypothesis, rule: AlignmentRule) -> WrittenText:
        """Return the finished translation of a hypothesis, with word alignment by `rule`."""
        tokens = hypothesis.tokens
        log_prob = math.fsum(tokens.log_probs)
        return WrittenText(
            tokens=tokens,
            texts=self.texts,
            text=self._decoder.text,
            ended=hypothesis.ended,
            log_prob=log_prob,
            score=hypothesis.score,
            words=find_words(self._decoder.text),
            alignment=word_alignment(
                np.concatenate(tokens.attention).reshape(len(tokens), -1),  # faster than np.stack
                self._source.encoding.word_indices,
                self._decoder.word_indices(),
                rule,
            ),
            mean_log_probs=(log_prob / len(tokens),),
        )

    def _replacement(self, attention: NDArray[np.float32]) -> str:
        encoding = self._source.encoding
        span = encoding.words[encoding.word_indices[int(attention[:-1].argmax())]]
        return self._source.text[span.start : span.end]
