"""Beam search over the hypotheses of one sentence."""

from math import inf

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.hypothesis import (
    Alternatives,
    ScoredHypothesis,
    TokenSequence,
    coverage_penalty,
    length_penalty,
)
from jumok.decoding.options import Decoding
from jumok.decoding.search import Ranked, alternatives


class _Node:
    """The last token of a hypothesis, linked to the one before it; the root has no token.

    Most hypotheses are pruned, so a token sequence is built only on demand.
    """

    __slots__ = (
        "alternatives",
        "attention",
        "before",
        "coverage",
        "length",
        "log_prob",
        "score",
        "token_id",
        "total",
    )

    def __init__(
        self,
        before: "_Node",
        token_id: int,
        log_prob: float,
        attention: NDArray[np.float32],
        others: Alternatives,
    ) -> None:
        self.before, self.token_id, self.log_prob = before, token_id, log_prob
        self.attention, self.alternatives = attention, others
        self.length: int = before.length + 1
        self.total: float = before.total + log_prob
        self.coverage: NDArray[np.float32] | None = None
        self.score = -inf

    def write(self, tokens: TokenSequence, after: int = 0) -> TokenSequence:
        """Append all tokens but the first `after` to `tokens`, and return `tokens`."""
        found = []
        node = self
        while node.length > after:
            found.append(node)
            node = node.before
        for node in reversed(found):
            tokens.append(node.token_id, node.log_prob, node.attention, node.alternatives)
        return tokens


class _Root(_Node):
    """The empty hypothesis, which all others extend."""

    __slots__ = ()

    def __init__(self) -> None:
        self.before, self.token_id, self.length, self.total = self, -1, 0, 0.0
        self.coverage = None
        self.score = -inf


class Beam:
    """A `Search` that keeps the best few hypotheses.

    A hypothesis is finished if it ends while it is among the best `beam`. The search is done when
    it has `beam` finished hypotheses and no running one scores better so far than the best of
    them, or when it has reached `max_tokens`. If fewer than `beam` are finished then, running
    hypotheses are used as they are.

    A token is decided once all hypotheses that can still win share it: the running ones and the
    best finished one.
    """

    def __init__(self, decoding: Decoding, special: SpecialIds) -> None:
        """Start before the first token."""
        self._decoding, self._end = decoding, special.end
        self.beam = decoding.beam
        # one more, because the end cannot be extended
        self.candidates = max(self.beam, decoding.alternatives) + 1
        self._agreed: _Node = _Root()
        # start with one hypothesis, or the beam would hold copies of it
        self._running: list[_Node | None] = [self._agreed] + [None] * (self.beam - 1)
        self._finished: list[_Node] = []
        self._best: _Node | None = None  # of the finished
        self._length = 0
        self.decided = TokenSequence()
        self.previous = [special.begin] * self.beam
        self.parents = [0] * self.beam
        self.scored = [*decoding.prefix[:1], 0][:1] * self.beam
        self.done = False

    def advance(self, ranked: Ranked) -> None:
        """Process the result of the next step."""
        self._length += 1
        prefix = self._decoding.prefix
        if self._length <= len(prefix):
            self._follow(ranked, prefix[self._length - 1])
        else:
            self._branch(ranked)
        if self._length < len(prefix):
            self.scored = [prefix[self._length]] * self.beam
        self.done = self._is_done()
        self._agreed = self._ranking()[0] if self.done else self._common()
        self._agreed.write(self.decided, after=len(self.decided))

    def provisional(self) -> TokenSequence:
        """Return the undecided tokens of the best hypothesis so far."""
        contenders = [node for node in (*self._running, self._best) if node is not None]
        best = max(contenders, key=self._score)
        return best.write(TokenSequence(), after=len(self.decided))

    def hypotheses(self) -> list[ScoredHypothesis]:
        """Return the best hypotheses, best first."""
        return [
            ScoredHypothesis(
                node.write(TokenSequence()),
                node.score,
                node.token_id == self._end,
            )
            for node in self._ranking()[: self._decoding.hypotheses]
        ]

    def _follow(self, ranked: Ranked, token_id: int) -> None:
        """Extend the hypothesis by a token of the prefix."""
        node = self._node(0, token_id, float(ranked.scored_log_probs[0]), ranked)
        if token_id == self._end:
            self._finish(node)
            self._go_on([])
        else:
            self._go_on([(0, node)])

    def _branch(self, ranked: Ranked) -> None:
        """Extend the hypotheses by their best continuations."""
        token_ids, log_probs = ranked.token_ids.tolist(), ranked.log_probs.tolist()
        barred = self._end if self._length <= self._decoding.min_tokens else None
        # plain Python, because there are too few numbers for NumPy to be faster
        reached = [
            # NaN, from a diverged model, comes last
            (cost if cost == cost else inf, parent, candidate)
            for parent, node in enumerate(self._running)
            if node is not None
            for candidate, log_prob in enumerate(log_probs[parent])
            if token_ids[parent][candidate] != barred and (cost := -(node.total + log_prob)) != inf
        ]
        reached.sort()
        live: list[tuple[int, _Node]] = []
        ended = set()
        for rank, (_, parent, candidate) in enumerate(reached[: 2 * self.beam]):
            token_id, log_prob = token_ids[parent][candidate], log_probs[parent][candidate]
            if token_id != self._end:
                live.append((parent, self._node(parent, token_id, log_prob, ranked)))
            elif rank < self.beam:
                self._finish(self._node(parent, token_id, log_prob, ranked))
                ended.add(parent)
            if len(live) == self.beam:
                break
        if self._length > self._decoding.max_tokens:  # this step can only add ends
            self._running = [
                None if parent in ended else node for parent, node in enumerate(self._running)
            ]
        else:
            self._go_on(live)

    def _node(self, parent: int, token_id: int, log_prob: float, ranked: Ranked) -> _Node:
        before, decoding = self._running[parent], self._decoding
        assert before is not None
        others: Alternatives = ()
        if decoding.alternatives:  # otherwise do not create two views per node
            others = alternatives(
                ranked.token_ids[parent], ranked.log_probs[parent], token_id, decoding.alternatives
            )
        node = _Node(before, token_id, log_prob, ranked.attention[parent], others)
        if decoding.coverage_penalty:
            node.coverage = node.attention
            if before.coverage is not None:
                node.coverage = before.coverage + node.attention
        return node

    def _go_on(self, live: list[tuple[int, _Node]]) -> None:
        missing = self.beam - len(live)
        self._running = [*(node for _, node in live), *[None] * missing]
        self.parents = [*(parent for parent, _ in live), *[0] * missing]
        self.previous = [self._end if node is None else node.token_id for node in self._running]

    def _finish(self, node: _Node) -> None:
        node.score = self._score(node)
        self._finished.append(node)
        if self._best is None or node.score > self._best.score:
            self._best = node

    def _score(self, node: _Node) -> float:
        score = node.total / length_penalty(node.length, self._decoding)
        if node.coverage is not None:
            score += coverage_penalty(node.coverage, self._decoding)
        return score

    def _is_done(self) -> bool:
        """Tell whether no running hypothesis is worth another step."""
        if self._length > self._decoding.max_tokens:
            return True
        first = self._running[0]
        if first is None:
            return True
        if len(self._finished) < self.beam or self._best is None:
            return False
        # the coverage penalty can only lower the score
        return not first.total / length_penalty(self._length, self._decoding) > self._best.score

    def _ranking(self) -> list[_Node]:
        """Return the last tokens of the results, best first."""
        chosen = list(self._finished)
        if len(chosen) < self.beam:
            running = [node for node in self._running if node is not None]
            for node in running:
                node.score = self._score(node)
            chosen += running
        return sorted(chosen, key=lambda node: -node.score)

    def _common(self) -> _Node:
        """Return the last token that all hypotheses that can still win share."""
        nodes = {node for node in self._running if node is not None}  # all of the same length
        best, length = self._best, self._length
        while len(nodes) != 1 or best is not None:
            if best is not None and best.length == length:
                nodes.add(best)
                best = None
            else:
                nodes = {node.before for node in nodes}
                length -= 1
        return nodes.pop()
