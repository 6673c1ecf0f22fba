"""What happens to a sentence, as plain data: no protobuf, no ONNX Runtime."""

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bundle.alignment import AlignmentLink
from bundle.tokenizer import Encoding
from bundle.words import Span


class FinishReason(enum.Enum):
    """Why a translation ended."""

    END_OF_SENTENCE = enum.auto()
    LENGTH = enum.auto()


@dataclass(frozen=True, slots=True)
class Decided:
    """A token that the engine has decided.

    Attributes:
        token_id: its id; the end of the sentence is one of them.
        log_prob: natural-log probability.
        attention: float32 [source], over true positions, the end counted.
    """

    token_id: int
    log_prob: float
    attention: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Finished:
    """The engine is done with a sentence."""

    reason: FinishReason


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine failed on a sentence."""

    description: str


EngineEvent = Decided | Finished | Failed


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A text as the model reads it.

    Attributes:
        encoding: its tokens, the end left out.
        end_id: token id of the end, which attention also covers, as the last position.
        end_piece: its piece.
        length: of the text, in Unicode code points.
    """

    encoding: Encoding
    end_id: int
    end_piece: str
    length: int


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the translation.

    Attributes:
        token_id: its id.
        piece: its SentencePiece piece.
        text: what it adds to the text so far.
        log_prob: natural-log probability.
        attention: float32 [source], the end counted.
    """

    token_id: int
    piece: str
    text: str
    log_prob: float
    attention: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TokensDecided:
    """Tokens decided since the last event, in order, at least one."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the request arrived."""

    queued: float
    first_token: float
    total: float


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation as a whole.

    Attributes:
        reason: why it ended.
        text: all of it.
        log_prob: sum over its tokens, the end included where it was reached.
        score: `log_prob` divided by the number of those tokens.
        words: of the text.
        alignment: links between source words and these.
        timings: how long it took.
    """

    reason: FinishReason
    text: str
    log_prob: float
    score: float
    words: tuple[Span, ...]
    alignment: tuple[AlignmentLink, ...]
    timings: Timings


TranslationEvent = SourceRead | TokensDecided | Translated
