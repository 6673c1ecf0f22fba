"""What callers ask for, checked against what the model can do."""

import random
from dataclasses import dataclass, field
from typing import Final, TypeVar

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.errors import InvalidTextError
from jumok.bundle.manifest import Limits
from jumok.bundle.tokenizer import Encoding, Tokenizer
from jumok.decoding.options import MOST_ALTERNATIVES, MOST_SAMPLED, WIDEST_BEAM, Decoding, Sampling
from jumok.service.errors import InvalidRequestError

T = TypeVar("T")
_MOST_PENALTY: Final = 10.0
_TEMPERATURES: Final = (0.01, 100.0)
_FRESH_SEED_BITS: Final = 53  # JavaScript's numbers hold integers of so many bits exactly


@dataclass(frozen=True, slots=True)
class BeamOptions:
    """Beam search, as `jumok.v1.BeamSearch` says; None is the default."""

    width: int | None = None
    num_hypotheses: int | None = None
    length_penalty: float | None = None
    coverage_penalty: float | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """Sampling, as `jumok.v1.Sampling` says; None is the default."""

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How to decode, as `jumok.v1.DecodingOptions` says; None is the default."""

    max_tokens: int | None = None
    min_tokens: int | None = None
    target_prefix: str = ""
    beam: BeamOptions | None = None
    sampling: SamplingOptions | None = None
    alternatives: int = 0
    replace_unknown: bool = False

    @property
    def provisional(self) -> bool:
        """Whether provisional tokens are wanted."""
        return self.beam is not None and self.beam.provisional

    def resolve(self, limits: Limits, target: Tokenizer, characters: int) -> Decoding:
        """Check all options, and fill in the defaults.

        Args:
            limits: of the model.
            target: its target tokenizer.
            characters: the most that a text of a request may have.

        Raises:
            InvalidRequestError: an option is not what it must be.
        """
        longest = limits.max_target_tokens
        max_tokens = _default(self.max_tokens, longest)
        _check("decoding.max_tokens", max_tokens, 1, longest)
        min_tokens = _default(self.min_tokens, 0)
        _check("decoding.min_tokens", min_tokens, 0, max_tokens)
        _check("decoding.alternatives", self.alternatives, 0, MOST_ALTERNATIVES)
        prefix: tuple[int, ...] = ()
        if self.target_prefix:
            prefix = encoded(
                target, "decoding.target_prefix", self.target_prefix, max_tokens, characters
            ).ids
        beam = self.beam
        decoding = Decoding(
            max_tokens,
            min_tokens,
            prefix,
            sampling=None if self.sampling is None else _sampling(self.sampling),
            alternatives=self.alternatives,
        )
        if beam is None:
            return decoding
        name = "decoding.beam_search."
        width = _default(beam.width, 5)
        _check(name + "width", width, 1, min(WIDEST_BEAM, target.vocabulary_size - 1))
        hypotheses = _default(beam.num_hypotheses, 1)
        _check(name + "num_hypotheses", hypotheses, 1, width)
        length_penalty = _default(beam.length_penalty, 1.0)
        _check(name + "length_penalty", length_penalty, 0.0, _MOST_PENALTY)
        coverage_penalty = _default(beam.coverage_penalty, 0.0)
        _check(name + "coverage_penalty", coverage_penalty, 0.0, _MOST_PENALTY)
        return Decoding(
            max_tokens,
            min_tokens,
            prefix,
            width,
            hypotheses,
            length_penalty,
            coverage_penalty,
            alternatives=self.alternatives,
        )


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    """What to translate and how.

    Attributes:
        text: in the source language.
        model: name of the model; "" is the one that is served.
        decoding: how.
        deadline: when the caller waits no longer, in seconds of `time.monotonic`.
    """

    text: str
    model: str = ""
    decoding: DecodingOptions = field(default_factory=DecodingOptions)
    deadline: float = float("inf")


@dataclass(frozen=True, slots=True)
class AlignmentRequest:
    """Which pair to align.

    Attributes:
        source: the text.
        target: its translation.
        model: name of the model; "" is the one that is served.
        rule: how links are read off; None is the model's own rule.
        deadline: when the caller waits no longer, in seconds of `time.monotonic`.
    """

    source: str
    target: str
    model: str = ""
    rule: AlignmentRule | None = None
    deadline: float = float("inf")


def encoded(tokenizer: Tokenizer, name: str, text: str, longest: int, characters: int) -> Encoding:
    """Split a text of a request into tokens.

    Args:
        tokenizer: of its language.
        name: of the field that it comes of.
        text: the text.
        longest: the most tokens.
        characters: the most code points: they are counted first, for splitting takes its time.

    Raises:
        InvalidRequestError: it is empty, too long, or no text.
    """
    if len(text) > characters:
        raise InvalidRequestError(
            name,
            f"the text has {len(text)} characters where {characters} are allowed; send it in parts",
        )
    if (place := text.find("\0")) >= 0:
        raise InvalidRequestError(name, f"the text holds a NUL at character {place}")
    try:
        encoding = tokenizer.encode(text)
    except InvalidTextError as error:
        raise InvalidRequestError(name, str(error)) from error
    if not encoding.ids:
        raise InvalidRequestError(name, "the text is empty; send at least one character")
    if len(encoding.ids) > longest:
        raise InvalidRequestError(
            name,
            f"the text has {len(encoding.ids)} tokens where {longest} are allowed; send it in "
            "parts",
        )
    return encoding


def _sampling(options: SamplingOptions) -> Sampling:
    name = "decoding.sampling."
    temperature = _default(options.temperature, 1.0)
    _check(name + "temperature", temperature, *_TEMPERATURES)
    top_k = _default(options.top_k, MOST_SAMPLED)
    _check(name + "top_k", top_k, 1, MOST_SAMPLED)
    top_p = _default(options.top_p, 1.0)
    if not 0 < top_p <= 1:
        raise InvalidRequestError(
            name + "top_p", f"top_p is {top_p:g}; it must be above 0 and at most 1"
        )
    seed = _default(options.seed, random.getrandbits(_FRESH_SEED_BITS))
    return Sampling(temperature, top_k, top_p, seed)


def _default(value: T | None, default: T) -> T:
    return default if value is None else value


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # NaN is not, either
        raise InvalidRequestError(
            name, f"{name.rpartition('.')[2]} is {value:g}; it must be {least:g} to {most:g}"
        )
