"""Subword regularisation: random segmentations of texts into tokens (Kudo 2018)."""

from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from math import exp
from random import Random

from jumok.bundle.tokenizer import Tokenizer

_SPLITS = 32  # best splits of a word that are drawn from
_WORDS = 2**15  # words whose splits are cached


class SplitSampler:
    """Sample segmentations with probability proportional to p(x)^α (Kudo 2018, section 3.3).

    No piece crosses a space, so words are segmented independently, each into one of its best
    segmentations. Unlike SentencePiece's own sampling, this is reproducible across processes.
    """

    def __init__(self, tokenizer: Tokenizer, power: float) -> None:
        """Sample pieces of `tokenizer`; `power` is α, small values give diverse segmentations."""
        self._tokenizer, self._power = tokenizer, power
        self._splits = lru_cache(_WORDS)(self._find)

    def draw(self, text: str, generator: Random) -> list[int]:
        """Segment a text into token ids, without begin and end tokens."""
        ids: list[int] = []
        for word in self._tokenizer.normalized_words(text):
            splits, shares = self._splits(word)
            ids += splits[bisect(shares, generator.random())]
        return ids

    def _find(self, word: str) -> tuple[list[list[int]], list[float]]:
        """Find the best splits of a word and their cumulative probabilities, without the last."""
        splits = self._tokenizer.best_splits(word, _SPLITS)
        best = max(log_prob for _, log_prob in splits)
        weights = [exp(self._power * (log_prob - best)) for _, log_prob in splits]
        total = sum(weights)
        shares = [share / total for share in accumulate(weights[:-1])]
        return [ids for ids, _ in splits], shares
