"""The size of responses, computed before the work that they are the result of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from jumok.decoding.options import Decoding
from jumok.service.errors import InvalidRequestError

FAILURE_BYTES: Final = 256
"""Room for one text of a batch that was not translated; a translation's own fields take less."""


class TokenBytes(NamedTuple):
    """Bytes that a token takes in a response, with its share of words, links and text."""

    source: int
    target: int
    alternative: int


TYPICAL: Final = TokenBytes(source=30, target=50, alternative=20)
LARGEST: Final = TokenBytes(source=100, target=240, alternative=80)
"""With pieces of 16 characters of four bytes, the longest that SentencePiece learns."""

CANDIDATES: Final = 10
"""Number of most probable tokens in an explanation."""

_WEIGHT: Final = 4
_POSITION: Final = 8  # numbers that score, weight and the fields of an explained position make up
_CHARACTER: Final = 8  # each is in the text of a hypothesis, and in that of a token


@dataclass(slots=True)
class TotalLength:
    """The sums over several texts or segments of what the size of a response depends on.

    Attributes:
        count: their number.
        source: source tokens.
        target: target tokens.
        weights: weights of attention: source tokens × target tokens of each.
        text: characters of each translation that no token of the model stands for.
    """

    count: int = 0
    source: int = 0
    target: int = 0
    weights: int = 0
    text: int = 0

    def add(self, length: "TextLength") -> None:
        """Add one."""
        self.count += 1
        self.source += length.source
        self.target += length.target
        self.weights += length.source * length.target


class TextLength(NamedTuple):
    """The tokens of a text, and those of its translation, with both ends."""

    source: int
    target: int


@dataclass(frozen=True, slots=True)
class ResponseShape:
    """What is sent with each text.

    Attributes:
        hypotheses: number of hypotheses with tokens.
        alternatives: number of alternatives with each token.
        dense: whether whole rows of attention are sent.
    """

    hypotheses: int
    alternatives: int
    dense: bool

    def bytes(self, length: TotalLength, token: TokenBytes) -> int:
        """Return the size of a response for texts of this length."""
        target_bytes = token.target + self.alternatives * token.alternative
        size = FAILURE_BYTES * length.count + token.source * length.source
        size += self.hypotheses * target_bytes * length.target
        size += (self.hypotheses + 1) * _CHARACTER * length.text
        if self.dense:
            size += self.hypotheses * _WEIGHT * length.weights
        return size

    def check(
        self, length: TotalLength, token: TokenBytes, max_bytes: int, field: str = "texts"
    ) -> int:
        """Return the size of a response, at most `max_bytes`; `field` contains the texts.

        Raises:
            InvalidRequestError: it is larger; names the field whose reduction saves the most.
        """
        size = self.bytes(length, token)
        if size <= max_bytes:
            return size
        smaller = {
            "attention": (replace(self, dense=False), "ask for less attention"),
            "decoding.alternatives": (replace(self, alternatives=0), "ask for fewer alternatives"),
            "decoding.beam_search.num_hypotheses": (
                replace(self, hypotheses=1),
                "ask for fewer hypotheses",
            ),
        }
        sizes = {name: shape.bytes(length, token) for name, (shape, _) in smaller.items()}
        reduced = min(sizes, key=sizes.__getitem__)
        advice = smaller[reduced][1]
        if sizes[reduced] > max_bytes and length.count > 1:
            reduced, advice = field, "send less text, or ask for less with it"
        elif sizes[reduced] == size:
            reduced, advice = "decoding.max_tokens", "allow fewer tokens"
        raise InvalidRequestError(
            reduced,
            f"the response would have about {size / 2**20:.1f} MiB, but only "
            f"{max_bytes / 2**20:.1f} MiB are allowed; {advice}",
        )


def explanation_bytes(source: int, target: int, sizes: Mapping[str, int]) -> int:
    """Return the largest size of an explanation.

    Args:
        source: number of source tokens, with the end.
        target: number of target tokens, with the end.
        sizes: numbers of features of the model's tensors by axis; see `jumok.bundle.signature`.
    """
    length = TotalLength()
    length.add(TextLength(source, target))
    size = ResponseShape(1, 0, dense=False).bytes(length, LARGEST)
    position = sizes["key"] + sizes["encoder"] + _POSITION
    # query, decoder output, context, attentional vector and what is added to it
    vectors = 5 * max(sizes["state"], sizes["encoder"])
    return size + _WEIGHT * (source * position + vectors) + CANDIDATES * LARGEST.alternative


def expected_length(source: int, decoding: Decoding) -> TextLength:
    """Return the lengths of a text of `source` tokens and of a translation that is as long."""
    target = min(max(source, decoding.min_tokens, len(decoding.prefix)), decoding.max_tokens)
    return TextLength(source + 1, target + 1)


def largest_length(source: int, decoding: Decoding) -> TextLength:
    """Return the lengths of a text of `source` tokens and of its longest possible translation."""
    return TextLength(source + 1, decoding.max_tokens + 1)
