"""What happens to a sentence, as plain data: no protobuf, no ONNX Runtime."""

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.alignment import AlignmentLink, AlignmentRule
from jumok.bundle.tokenizer import Encoding
from jumok.bundle.words import Span
from jumok.decoding.hypothesis import Choice, Hypothesis


class FinishReason(enum.Enum):
    """Why a translation ended."""

    END_OF_SENTENCE = enum.auto()
    LENGTH = enum.auto()


@dataclass(frozen=True, slots=True)
class Decided:
    """Tokens that the engine has decided.

    Attributes:
        choices: them, in order; the end of the sentence is one.
        provisional: what would follow them if the search ended now, where that is wanted.
    """

    choices: tuple[Choice, ...]
    provisional: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The engine is done with a sentence: its translations, best first; the first was decided."""

    hypotheses: tuple[Hypothesis, ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody waits for the sentence any more."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine failed on a sentence."""

    description: str


EngineEvent = Decided | Finished | Expired | Failed


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A text as the model reads it.

    Attributes:
        encoding: its tokens, the end left out.
        end_id: token id of the end, which attention also covers, as the last position.
        end_piece: its piece.
        text: the text.
    """

    encoding: Encoding
    end_id: int
    end_piece: str
    text: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have been written instead, and its natural-log probability."""

    token_id: int
    piece: str
    log_prob: float


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the translation.

    Attributes:
        token_id: its id.
        piece: its SentencePiece piece.
        text: what it adds to the text so far.
        log_prob: natural-log probability.
        attention: float32 [source], the end counted.
        alternatives: the best others, as many as were asked for.
    """

    token_id: int
    piece: str
    text: str
    log_prob: float
    attention: NDArray[np.float32]
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class TokensDecided:
    """Tokens decided since the last event, in order, and what would follow them for now."""

    tokens: tuple[Token, ...]
    provisional: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the request arrived."""

    queued: float
    first_token: float
    total: float


@dataclass(frozen=True, slots=True)
class WholeText:
    """A whole translation.

    Attributes:
        reason: why it ended.
        text: all of it.
        tokens: its tokens, the end left out.
        log_prob: sum over its tokens, the end included where it was reached.
        score: what it is compared by, as `decoding.hypothesis.score` says.
        words: of the text.
        alignment: links between source words and these.
    """

    reason: FinishReason
    text: str
    tokens: tuple[Token, ...]
    log_prob: float
    score: float
    words: tuple[Span, ...]
    alignment: tuple[AlignmentLink, ...]


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation as a whole.

    Attributes:
        hypotheses: best first; the tokens of the first were decided before.
        timings: how long it took.
        seed: what it was drawn by, where it was drawn.
    """

    hypotheses: tuple[WholeText, ...]
    timings: Timings
    seed: int | None = None


TranslationEvent = SourceRead | TokensDecided | Translated


@dataclass(frozen=True, slots=True)
class Aligned:
    """A given translation, scored and aligned.

    Attributes:
        source: how the source was read.
        tokens: of the target, the end last.
        words: of the target.
        alignment: links between source words and these.
        rule: that they were read by.
        log_prob: sum over the tokens.
    """

    source: SourceRead
    tokens: tuple[Token, ...]
    words: tuple[Span, ...]
    alignment: tuple[AlignmentLink, ...]
    rule: AlignmentRule
    log_prob: float
