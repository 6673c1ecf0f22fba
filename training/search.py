"""Beam search, and the scoring of given translations, over any `StepModel`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bundle.manifest import SpecialIds
from training.posterior_attention import posterior_attention
from training.step_model import StepModel


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A whole translation.

    Attributes:
        token_ids: the end left out.
        log_probs: float32 [target], of each token, and of the end where it was reached; in nats.
        attention: float32 [target, source], a row for each of these, columns the true positions.
        score: the sum of `log_probs` over the length penalty.
        posterior: as `attention`, of `posterior_attention`; None where it was not asked for.
    """

    token_ids: tuple[int, ...]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    score: float
    posterior: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class _Node:
    """A token of a hypothesis and how it came about."""

    before: "_Node | None"
    token_id: int
    log_prob: float
    attention: NDArray[np.float32]


def search(
    model: StepModel,
    sources: Sequence[Sequence[int]],
    special: SpecialIds,
    max_tokens: int,
    beam: int = 1,
    length_penalty: float = 1.0,
) -> list[Hypothesis]:
    """Find the best translation of each sentence of a batch; with a beam of 1, greedily.

    A hypothesis that ends among the best `beam` is finished. A sentence is done when it has `beam`
    finished ones and none that runs scores better so far than the best of them, or has reached
    `max_tokens`; then, where fewer are finished, those that do not end there count as they are.
    Scores are log P / ((5 + n) / 6)^α for n tokens, the end counted (Wu et al. 2016, eq. 14).

    Args:
        model: the model; it must rank more candidates than `beam`.
        sources: token ids of each sentence, ended.
        special: ids of begin and end.
        max_tokens: the most tokens of a translation, the end not counted.
        beam: hypotheses that a sentence goes on with.
        length_penalty: α; 0 compares sums.
    """
    encoded = model.encode(*pad(sources))
    running = [_Sentence(beam, len(source), length_penalty) for source in sources]
    everyone = list(running)
    state = np.repeat(encoded.decoder_state[:, None], beam, axis=1)
    previous = np.full((len(sources), beam), special.begin, dtype=np.int64)
    parents = np.zeros_like(previous)
    for length in range(1, max_tokens + 2):
        step = model.step(previous, parents, np.zeros_like(previous), state, encoded)
        totals = np.array([sentence.totals for sentence in running])[:, :, None] + step.log_probs
        flat = totals.reshape(len(running), -1)
        order = np.argsort(-flat, axis=1, kind="stable")[:, : 2 * beam]
        state = step.decoder_state
        for row, sentence in enumerate(running):
            sentence.advance(
                [(index // step.log_probs.shape[2], index) for index in order[row].tolist()],
                flat[row],
                step.token_ids[row].reshape(-1),
                step.log_probs[row].reshape(-1),
                step.attention[row],
                special.end,
                length,
                last=length > max_tokens,
            )
        kept = [row for row, sentence in enumerate(running) if not sentence.is_done(length)]
        if not kept:
            break
        if len(kept) < len(running):
            rows = np.array(kept)
            running = [running[row] for row in kept]
            encoded, state = encoded.take(rows), state[rows]
        previous = np.array([sentence.previous for sentence in running], dtype=np.int64)
        parents = np.array([sentence.parents for sentence in running], dtype=np.int64)
    return [sentence.best(special.end) for sentence in everyone]


class _Sentence:
    """The hypotheses of a sentence."""

    def __init__(self, beam: int, source: int, length_penalty: float) -> None:
        self.beam, self.source, self.length_penalty = beam, source, length_penalty
        # at first there is one hypothesis: the others must not double it
        self.totals = [0.0] + [-np.inf] * (beam - 1)
        self.nodes: list[_Node | None] = [None] * beam
        self.previous = self.parents = [0] * beam
        self.finished: list[_Node] = []
        self.best_score = -np.inf  # of the finished

    def advance(
        self,
        ranked: list[tuple[int, int]],
        totals: NDArray[np.float64],
        token_ids: NDArray[np.int64],
        log_probs: NDArray[np.float32],
        attention: NDArray[np.float32],
        end: int,
        length: int,
        last: bool,
    ) -> None:
        """Go on with the best continuations, given as (hypothesis, place in the flat arrays).

        They are `length` tokens long. The last step, past the limit, is there for the end alone.
        """
        live: list[tuple[int, int, _Node]] = []
        ended = set()
        for rank, (parent, place) in enumerate(ranked):
            if totals[place] == -np.inf:  # it continues none; one that diverged is NaN and goes on
                continue
            node = _Node(
                self.nodes[parent],
                int(token_ids[place]),
                float(log_probs[place]),
                attention[parent, : self.source],
            )
            if node.token_id != end:
                live.append((parent, place, node))
            elif rank < self.beam:
                self.finished.append(node)
                ended.add(parent)
                score = float(totals[place]) / _penalty(length, self.length_penalty)
                self.best_score = max(self.best_score, score)
            if len(live) == self.beam:
                break
        if last:
            self.nodes = [
                None if parent in ended else node for parent, node in enumerate(self.nodes)
            ]
            return
        missing = self.beam - len(live)
        self.parents = [parent for parent, _, _ in live] + [0] * missing
        self.totals = [float(totals[place]) for _, place, _ in live] + [-np.inf] * missing
        self.previous = [node.token_id for _, _, node in live] + [end] * missing
        self.nodes = [node for _, _, node in live] + [None] * missing

    def is_done(self, length: int) -> bool:
        """Whether what runs, `length` tokens long, is not worth another step."""
        promise = self.totals[0] / _penalty(length, self.length_penalty)
        return len(self.finished) >= self.beam and not promise > self.best_score

    def best(self, end: int) -> Hypothesis:
        """Return the best hypothesis: of the finished, and of the running where those are few."""
        running = [node for node in self.nodes if node is not None]
        chosen = self.finished if len(self.finished) >= self.beam else self.finished + running
        return max(
            (_trace(node, end, self.length_penalty) for node in chosen),
            key=lambda hypothesis: hypothesis.score,
        )


def _penalty(length: int, length_penalty: float) -> float:
    return float(((5 + length) / 6) ** length_penalty)


def _trace(node: _Node, end: int, length_penalty: float) -> Hypothesis:
    nodes = []
    last: _Node | None = node
    while last is not None:
        nodes.append(last)
        last = last.before
    nodes.reverse()
    log_probs = np.array([node.log_prob for node in nodes], dtype=np.float32)
    return Hypothesis(
        tuple(node.token_id for node in nodes if node.token_id != end),
        log_probs,
        np.stack([node.attention for node in nodes]),
        float(log_probs.sum()) / _penalty(len(nodes), length_penalty),
    )


def force(
    model: StepModel,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    special: SpecialIds,
    posterior: bool = False,
) -> list[Hypothesis]:
    """Score given translations of a batch, the end counted.

    Args:
        model: the model.
        sources: token ids of each sentence, ended.
        targets: token ids of each translation, without begin or end.
        special: ids of begin and end.
        posterior: whether to find the posterior attention, too: a step more for each source token.

    Returns:
        Hypotheses; their score is the sum of `log_probs`.
    """
    encoded = model.encode(*pad(sources))
    scored, lengths = pad([[*target, special.end] for target in targets])
    previous = np.concatenate((np.full((len(scored), 1), special.begin), scored[:, :-1]), axis=1)
    state = encoded.decoder_state[:, None]
    parents = np.zeros((len(scored), 1), dtype=np.int64)
    log_probs, rows, posterior_rows = [], [], []
    for place in range(scored.shape[1]):
        read, written = previous[:, place : place + 1], scored[:, place : place + 1]
        step = model.step(read, parents, written, state, encoded)
        log_probs.append(step.scored_log_probs)
        rows.append(step.attention)
        if posterior:
            posterior_rows.append(
                posterior_attention(model, read, written, state, encoded, step.attention)
            )
        state = step.decoder_state
    table, attention = np.concatenate(log_probs, axis=1), np.concatenate(rows, axis=1)
    after = np.concatenate(posterior_rows, axis=1) if posterior else None
    return [
        Hypothesis(
            tuple(target),
            table[row, : lengths[row]],
            attention[row, : lengths[row], : len(source)],
            float(table[row, : lengths[row]].sum()),
            None if after is None else after[row, : lengths[row], : len(source)],
        )
        for row, (source, target) in enumerate(zip(sources, targets, strict=True))
    ]


def pad(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Pad rows with 0 to int64 [batch, longest]; return their lengths int32 [batch] with them."""
    lengths = np.array([len(row) for row in rows], dtype=np.int32)
    ids = np.zeros((len(rows), int(lengths.max())), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
    return ids, lengths
