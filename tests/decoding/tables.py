"""A model with a table for each prefix, and a slow, obvious reference search over it."""

from collections.abc import Sequence
from functools import cache, reduce
from itertools import accumulate, product

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.bundle.signature import DECODER_STEP
from jumok.decoding.driver import HostRows
from jumok.decoding.hypothesis import ScoredHypothesis
from jumok.decoding.options import Decoding
from jumok.decoding.step_model import Encoded, Rows, Step, StepInput

SPECIAL = SpecialIds()
END = SPECIAL.end
VOCABULARY = 7
WORDS = [token_id for token_id in range(VOCABULARY) if token_id != END]
SOURCES = [[4, 3], [5, 6, 4, 3], [6, 3], [3], [4, 4, 5, 3]]
MORE = [*SOURCES, *([4 + n % 3, 4 + n // 3 % 3, 4 + n // 9, 3] for n in range(27))]


def append(number: int, token_id: int) -> int:
    """Return the number of a prefix extended by a token; exact in float32."""
    return (number * 31 + token_id + 1) % 1_000_003


def code(prefix: Sequence[int]) -> int:
    """Return the number of a prefix."""
    return reduce(append, prefix, 1)


@cache
def table(source: tuple[int, ...], number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw the log-probabilities [vocabulary] and attention [source] that follow a prefix."""
    generator = np.random.default_rng([number, *source])
    logits = generator.normal(size=VOCABULARY, scale=1.5)
    log_probs = logits - np.log(np.exp(logits).sum())
    attention = generator.dirichlet(np.ones(len(source)))
    return log_probs.astype(np.float32), attention.astype(np.float32)


class Tables:
    """A `StepModel` whose state is the number of the prefix, or 0 before the first step."""

    signature = DECODER_STEP

    def __init__(self, factor: float = 1) -> None:
        self.factor = np.float32(factor)
        self.stepped_rows = 0

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        states = source_ids[:, :, None].astype(np.float32)
        tensors = {
            "encoder_states": states,
            "projected_keys": states,
            "decoder_state": np.zeros((len(states), 1), np.float32),
        }
        return Encoded(tensors, source_lengths)

    def step(self, inputs: StepInput) -> Step:
        previous_ids, parents, scored_ids, candidates, tensors = inputs
        memory, lengths = tensors["encoder_states"], tensors["source_lengths"]
        batch, beam = previous_ids.shape
        self.stepped_rows += batch
        shape = batch, beam, min(candidates, VOCABULARY)
        token_ids, log_probs = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
        attention = np.zeros((batch, beam, memory.shape[1]), np.float32)
        state, scored = np.zeros((batch, beam, 1), np.float32), np.zeros((batch, beam), np.float32)
        for row, hypothesis in product(range(batch), range(beam)):
            length = int(lengths[row])
            source = memory[row, :length, 0].astype(int).tolist()
            number = int(tensors["decoder_state"][row, parents[row, hypothesis], 0])
            number = append(number, int(previous_ids[row, hypothesis])) if number else code([])
            everything, attention[row, hypothesis, :length] = table(tuple(source), number)
            best = np.argsort(-everything)[: shape[2]]
            token_ids[row, hypothesis], log_probs[row, hypothesis] = best, everything[best]
            scored[row, hypothesis] = everything[scored_ids[row, hypothesis]]
            state[row, hypothesis] = number
        return Step(token_ids, log_probs * self.factor, attention, scored, {"decoder_state": state})

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        return HostRows(self, beam, width, capacity)


def log_prob(source: Sequence[int], ids: Sequence[int]) -> float:
    """Return the log-probability of a token sequence."""
    numbers = accumulate(ids[:-1], append, initial=code([]))
    rows = (table(tuple(source), number)[0] for number in numbers)
    return sum(float(row[token_id]) for row, token_id in zip(rows, ids, strict=False))


def score(source: Sequence[int], ids: Sequence[int], decoding: Decoding) -> float:
    """Score a token sequence, which includes the end if it was reached."""
    total = log_prob(source, ids) / ((5 + len(ids)) / 6) ** decoding.length_penalty
    if decoding.coverage_penalty:
        rows = [table(tuple(source), code(ids[:place]))[1] for place in range(len(ids))]
        covered = [min(sum(row[position] for row in rows), 1) for position in range(len(source))]
        total += decoding.coverage_penalty * sum(np.log(covered))
    return float(total)


def slow(source: Sequence[int], decoding: Decoding) -> list[tuple[int, ...]]:
    """Search over whole sequences; return the best ones, including their ends."""

    def continued(running: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        length = len(running[0])
        forced = decoding.prefix[length : length + 1]
        longer = [
            (*ids, token_id)
            for ids in running
            for token_id in forced or range(VOCABULARY)
            if forced or token_id != END or length >= decoding.min_tokens
        ]
        return sorted(longer, key=lambda ids: -log_prob(source, ids))

    def value(ids: tuple[int, ...]) -> float:
        return score(source, ids, decoding)

    def done() -> bool:
        if len(finished) < beam:
            return False
        best = running[0]
        promise = log_prob(source, best) / ((5 + len(best)) / 6) ** decoding.length_penalty
        return bool(max(map(value, finished)) >= promise)

    beam = decoding.beam
    running: list[tuple[int, ...]] = [()]
    finished: list[tuple[int, ...]] = []
    for _ in range(decoding.max_tokens):
        if not done():
            longer = continued(running)
            finished += [ids for ids in longer[:beam] if ids[-1] == END]
            running = [ids for ids in longer if ids[-1] != END][:beam]
    if not done():
        ended = [ids for ids in continued(running)[:beam] if ids[-1] == END]
        finished += ended
        if len(finished) < beam:
            finished += [ids for ids in running if (*ids, END) not in ended]
    return sorted(finished, key=lambda ids: -value(ids))[: decoding.hypotheses]


def without_end(ids: Sequence[int]) -> tuple[int, ...]:
    """Remove the end."""
    return tuple(token_id for token_id in ids if token_id != END)


def assert_consistent(source: Sequence[int], found: ScoredHypothesis, ids: Sequence[int]) -> None:
    """Compare the tokens, log-probabilities and attention of a hypothesis with the tables."""
    assert found.token_ids == without_end(ids)
    assert found.ended == (END in ids)
    rows = [table(tuple(source), code(ids[:place])) for place in range(len(ids))]
    np.testing.assert_array_equal(
        found.log_probs, [row[token_id] for (row, _), token_id in zip(rows, ids, strict=True)]
    )
    np.testing.assert_array_equal(found.attention, [attention for _, attention in rows])
