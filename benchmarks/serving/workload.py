"""The workload: synthetic sentences with a realistic length distribution."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jumok.bundle.tokenizer import SPACE, Tokenizer

_MEDIAN, _SPREAD, _LONGEST = 18, 0.5, 90  # tokens; sigma of the lognormal; tokens
_WORD: Final = re.compile(rf"{SPACE}[a-z]{{3,}}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the length of its translation.

    Attributes:
        text: the source text.
        source: its token ids, including the end.
        length: number of tokens to generate, without the end.
    """

    text: str
    source: tuple[int, ...]
    length: int


def make_workload(count: int, tokenizer: Tokenizer, seed: int = 0) -> list[Sentence]:
    """Generate sentences of single-token words, with lognormal lengths of median 18."""
    generator = np.random.default_rng(seed)
    words = [
        piece.removeprefix(SPACE)
        for piece in map(tokenizer.piece, range(tokenizer.vocabulary_size))
        if _WORD.fullmatch(piece)
    ]
    lengths = generator.lognormal(np.log(_MEDIAN), _SPREAD, (count, 2))
    sentences = []
    for source, target in np.clip(np.rint(lengths), 2, _LONGEST).astype(int).tolist():
        text = " ".join(generator.choice(words, source))
        ids = tokenizer.encode(text).ids
        sentences.append(Sentence(text, (*ids, tokenizer.special_ids.end), target))
    return sentences


def tokens(sentences: Sequence[Sentence]) -> int:
    """Return the number of tokens to generate."""
    return sum(sentence.length for sentence in sentences)
