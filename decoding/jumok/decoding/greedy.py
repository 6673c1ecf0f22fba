"""Search with a single hypothesis: greedy decoding, sampling and forced decoding."""

from typing import Final

import numpy as np

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence, score
from jumok.decoding.options import Decoding
from jumok.decoding.search import Ranked, alternatives

_ONE: Final = [0]


class GreedySearch:
    """A `Search` that decides one token per step.

    The token is that of the prefix, if there is one; otherwise it is the most probable one or, with
    sampling, drawn at random.
    """

    beam = 1
    parents = _ONE

    def __init__(self, decoding: Decoding, special: SpecialIds) -> None:
        """Start before the first token."""
        self._decoding, self._end = decoding, special.end
        sampling = decoding.sampling
        self._generator = None if sampling is None else np.random.default_rng(sampling.seed)
        needed = 1 if sampling is None else sampling.top_k
        # one more if the end of the sentence may have to be skipped
        self.candidates = max(needed, 1 + decoding.alternatives) + (decoding.min_tokens > 0)
        self.decided = TokenSequence()
        self._ended = False
        self.previous = [special.begin]
        self.scored = list(decoding.prefix[:1]) or _ONE
        self.done = False

    def advance(self, ranked: Ranked) -> None:
        """Choose the next token."""
        decoding, place = self._decoding, len(self.decided)
        if place < len(decoding.prefix):
            token_id = decoding.prefix[place]
            log_prob = float(ranked.scored_log_probs[0])
        else:
            rank = self._rank(ranked, place)
            token_id = int(ranked.token_ids[0, rank])
            log_prob = float(ranked.log_probs[0, rank])
        if token_id == self._end:
            self._ended = self.done = True
        elif place >= decoding.max_tokens:
            self.done = True
            return
        others = alternatives(
            ranked.token_ids[0], ranked.log_probs[0], token_id, decoding.alternatives
        )
        self.decided.append(token_id, log_prob, ranked.attention[0], others)
        self.previous = [token_id]
        if place + 1 < len(decoding.prefix):
            self.scored = [decoding.prefix[place + 1]]

    def provisional(self) -> TokenSequence:
        """Return no tokens, because every token is decided at once."""
        return TokenSequence()

    def hypotheses(self) -> list[ScoredHypothesis]:
        """Return the one translation."""
        total = score(self.decided.log_probs, self.decided.attention, self._decoding)
        return [ScoredHypothesis(self.decided, total, self._ended)]

    def _rank(self, ranked: Ranked, place: int) -> int:
        """Choose a candidate and return its rank."""
        early = place < self._decoding.min_tokens
        if self._decoding.sampling is None or self._generator is None:
            return int(early and ranked.token_ids[0, 0] == self._end)
        sampling = self._decoding.sampling
        barred = self._end if early else -1
        places = np.flatnonzero(ranked.token_ids[0] != barred)
        log_probs = ranked.log_probs[0, places[: sampling.top_k]].astype(np.float64)
        shares = np.exp((log_probs - log_probs[0]) / sampling.temperature)
        sums = np.cumsum(shares / shares.sum())
        kept = int(np.searchsorted(sums, sampling.top_p)) + 1  # the first that reaches top_p
        drawn = self._generator.random() * sums[min(kept, len(sums)) - 1]
        rank = min(int(np.searchsorted(sums, drawn, "right")), kept - 1, len(sums) - 1)
        return int(places[rank])
