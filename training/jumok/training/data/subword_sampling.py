"""Subword regularisation: splits of texts into tokens, drawn anew each time (Kudo 2018)."""

from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from math import exp
from random import Random

from jumok.bundle.tokenizer import Tokenizer

_SPLITS = 32  # of a word; of a sentence these are more than anyone could count
_WORDS = 2**15  # whose splits are kept at hand


class SplitSampler:
    """Draws splits by their probability to the power α (Kudo 2018, 3.3).

    No piece crosses a space, so the words of a text are split independently of each other, each in
    one of its best ways. SentencePiece itself draws otherwise in every process, whatever its seed.
    """

    def __init__(self, tokenizer: Tokenizer, power: float) -> None:
        """Draw splits into the pieces of `tokenizer`; `power` is α, small for many kinds."""
        self._tokenizer, self._power = tokenizer, power
        self._splits = lru_cache(_WORDS)(self._find)

    def draw(self, text: str, generator: Random) -> list[int]:
        """Split a text into token ids, without begin or end."""
        ids: list[int] = []
        for word in self._tokenizer.normalized_words(text):
            splits, shares = self._splits(word)
            ids += splits[bisect(shares, generator.random())]
        return ids

    def _find(self, word: str) -> tuple[list[list[int]], list[float]]:
        """Find splits of a word, and up to which number each but the last one is drawn."""
        splits = self._tokenizer.best_splits(word, _SPLITS)
        best = max(log_prob for _, log_prob in splits)
        weights = [exp(self._power * (log_prob - best)) for _, log_prob in splits]
        total = sum(weights)
        shares = [share / total for share in accumulate(weights[:-1])]
        return [ids for ids, _ in splits], shares
