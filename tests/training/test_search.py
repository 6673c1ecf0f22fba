"""Beam search against a slow and obvious one, on a model that has a table for each prefix."""

from collections.abc import Sequence
from functools import cache, reduce
from itertools import accumulate, product

import numpy as np
import pytest
from numpy.typing import NDArray

from bundle.manifest import SpecialIds
from training.search import Hypothesis, force, pad, search
from training.step_model import Encoded, Step

SPECIAL = SpecialIds()
END = SPECIAL.end
VOCABULARY = 7
WORDS = [token_id for token_id in range(VOCABULARY) if token_id != END]
SOURCES = [[4, 3], [5, 6, 4, 3], [6, 3], [3], [4, 4, 5, 3]]
MORE = [*SOURCES, *([4 + n % 3, 4 + n // 3 % 3, 4 + n // 9, 3] for n in range(27))]


def append(number: int, token_id: int) -> int:
    """Number a prefix that is longer by a token; float32 can hold it."""
    return (number * 31 + token_id + 1) % 1_000_003


def code(prefix: Sequence[int]) -> int:
    """Number a prefix."""
    return reduce(append, prefix, 1)


@cache
def table(source: tuple[int, ...], number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw what follows a prefix: log-probabilities of the vocabulary, attention over a source."""
    generator = np.random.default_rng([number, *source])
    logits = generator.normal(size=VOCABULARY, scale=1.5)
    log_probs = logits - np.log(np.exp(logits).sum())
    attention = generator.dirichlet(np.ones(len(source)))
    return log_probs.astype(np.float32), attention.astype(np.float32)


class Tables:
    """A `StepModel` whose state is the number of the prefix, 0 before begin is read."""

    def __init__(self, candidates: int = VOCABULARY, factor: float = 1) -> None:
        self.candidates, self.factor = candidates, np.float32(factor)
        self.rows = 0

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        states = source_ids[:, :, None].astype(np.float32)
        return Encoded(states, states, np.zeros((len(states), 1), np.float32), source_lengths)

    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        decoder_state: NDArray[np.float32],
        encoded: Encoded,
    ) -> Step:
        batch, beam = previous_ids.shape
        self.rows += batch
        shape = batch, beam, self.candidates
        token_ids, log_probs = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
        attention = np.zeros((batch, beam, encoded.encoder_states.shape[1]), np.float32)
        state, scored = np.zeros((batch, beam, 1), np.float32), np.zeros((batch, beam), np.float32)
        for row, hypothesis in product(range(batch), range(beam)):
            length = int(encoded.source_lengths[row])
            source = encoded.encoder_states[row, :length, 0].astype(int).tolist()
            number = int(decoder_state[row, parents[row, hypothesis], 0])
            number = append(number, int(previous_ids[row, hypothesis])) if number else code([])
            everything, attention[row, hypothesis, :length] = table(tuple(source), number)
            best = np.argsort(-everything)[: self.candidates]
            token_ids[row, hypothesis], log_probs[row, hypothesis] = best, everything[best]
            scored[row, hypothesis] = everything[scored_ids[row, hypothesis]]
            state[row, hypothesis] = number
        return Step(token_ids, log_probs * self.factor, attention, state, scored)


def log_prob(source: Sequence[int], ids: Sequence[int]) -> float:
    """Log-probability of tokens, one after the other."""
    numbers = accumulate(ids[:-1], append, initial=code([]))
    rows = (table(tuple(source), number)[0] for number in numbers)
    return sum(float(row[token_id]) for row, token_id in zip(rows, ids, strict=False))


def score(source: Sequence[int], ids: Sequence[int], length_penalty: float) -> float:
    """Score of tokens, the end among them where it was reached."""
    return float(log_prob(source, ids) / ((5 + len(ids)) / 6) ** length_penalty)


def slow(
    source: Sequence[int], max_tokens: int, beam: int, length_penalty: float
) -> tuple[int, ...]:
    """Search with whole sequences and nothing else; return the best, its end included."""

    def continued(running: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        longer = [(*ids, token_id) for ids in running for token_id in range(VOCABULARY)]
        return sorted(longer, key=lambda ids: -log_prob(source, ids))

    def done() -> bool:
        if len(finished) < beam:
            return False
        best = max(score(source, ids, length_penalty) for ids in finished)
        return best >= score(source, running[0], length_penalty)

    running: list[tuple[int, ...]] = [()]
    finished: list[tuple[int, ...]] = []
    for _ in range(max_tokens):
        if not done():
            longer = continued(running)
            finished += [ids for ids in longer[:beam] if ids[-1] == END]
            running = [ids for ids in longer if ids[-1] != END][:beam]
    if not done():
        ended = [ids for ids in continued(running)[:beam] if ids[-1] == END]
        finished += ended
        if len(finished) < beam:
            finished += [ids for ids in running if (*ids, END) not in ended]
    return max(finished, key=lambda ids: score(source, ids, length_penalty))


def without_end(ids: Sequence[int]) -> tuple[int, ...]:
    """Leave out the end."""
    return tuple(token_id for token_id in ids if token_id != END)


def assert_told(source: Sequence[int], found: Hypothesis, ids: Sequence[int]) -> None:
    """Compare what a hypothesis tells of itself with the tables."""
    rows = [table(tuple(source), code(ids[:place])) for place in range(len(ids))]
    np.testing.assert_array_equal(
        found.log_probs, [row[token_id] for (row, _), token_id in zip(rows, ids, strict=True)]
    )
    np.testing.assert_array_equal(found.attention, [attention for _, attention in rows])


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 2.0])
@pytest.mark.parametrize("max_tokens", [1, 3, 12])
@pytest.mark.parametrize("beam", [1, 2, 3, 5])
def test_beam(beam: int, max_tokens: int, length_penalty: float) -> None:
    """The best hypothesis is that of a search which writes all continuations out and sorts."""
    found = search(Tables(), MORE, SPECIAL, max_tokens, beam, length_penalty)
    for source, hypothesis in zip(MORE, found, strict=True):
        wanted = slow(source, max_tokens, beam, length_penalty)
        assert hypothesis.token_ids == without_end(wanted)
        assert_told(source, hypothesis, wanted)
        assert hypothesis.score == pytest.approx(score(source, wanted, length_penalty), rel=1e-5)


@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 3.0])
def test_wide_beam(length_penalty: float) -> None:
    """A beam as wide as there are hypotheses finds the best of all translations."""
    everything = [(*ids, END) for length in range(3) for ids in product(WORDS, repeat=length)]
    found = search(Tables(), SOURCES, SPECIAL, 2, len(WORDS) ** 2 * VOCABULARY, length_penalty)
    for source, hypothesis in zip(SOURCES, found, strict=True):
        best = max(everything, key=lambda ids: score(source, ids, length_penalty))
        assert (*hypothesis.token_ids, END) == best


@pytest.mark.parametrize("max_tokens", [1, 2, 5, 30])
def test_greedy(max_tokens: int) -> None:
    """A beam of 1 takes the best token at each step; the end may come right after the limit."""
    kinds = set()
    for source, found in zip(SOURCES, search(Tables(), SOURCES, SPECIAL, max_tokens), strict=True):
        ids = list[int]()
        while END not in ids and len(ids) <= max_tokens:
            ids.append(int(table(tuple(source), code(ids))[0].argmax()))
        ended = END in ids
        kinds.add(ended)
        assert found.token_ids == without_end(ids[:max_tokens])
        assert_told(source, found, ids if ended else ids[:max_tokens])
    assert kinds == ({True} if max_tokens == 30 else {True, False})


@pytest.mark.parametrize("beam", [1, 4])
def test_candidates(beam: int) -> None:
    """As many ranked continuations as the beam is wide, and one more, are all that is needed."""
    found = search(Tables(candidates=beam + 1), SOURCES, SPECIAL, 6, beam)
    wanted = search(Tables(), SOURCES, SPECIAL, 6, beam)
    assert [each.token_ids for each in found] == [each.token_ids for each in wanted]


@pytest.mark.parametrize("beam", [1, 3])
def test_company_never_matters(beam: int) -> None:
    """A sentence is translated the same alone and among others."""
    together = search(Tables(), SOURCES, SPECIAL, 8, beam)
    for source, found in zip(SOURCES, together, strict=True):
        (alone,) = search(Tables(), [source], SPECIAL, 8, beam)
        assert alone.token_ids == found.token_ids
        np.testing.assert_array_equal(alone.attention, found.attention)
        assert alone.score == found.score


def test_the_finished_are_not_stepped() -> None:
    """A step has a row for each sentence that is not done, and for no other."""
    model = Tables()
    found = search(model, SOURCES, SPECIAL, 30)
    assert model.rows == sum(len(hypothesis.log_probs) for hypothesis in found)


@pytest.mark.parametrize("beam", [1, 5])
def test_diverged(beam: int) -> None:
    """A model that gives no numbers gives a translation nevertheless, worth nothing."""
    found = search(Tables(factor=np.nan), SOURCES, SPECIAL, 4, beam)
    assert len(found) == len(SOURCES)
    assert all(np.isnan(hypothesis.score) for hypothesis in found)


def test_force() -> None:
    """Given translations are scored token by token, the end too, whatever their lengths."""
    targets = [[5], [], [4, 6, 4], [6, 6], [1, 2, 4, 5, 6]]
    for source, target, found in zip(
        SOURCES, targets, force(Tables(), SOURCES, targets, SPECIAL), strict=True
    ):
        assert found.token_ids == tuple(target)
        assert_told(source, found, [*target, END])
        assert found.score == pytest.approx(log_prob(source, [*target, END]), rel=1e-5)


def test_posterior() -> None:
    """Posterior attention is Bayes' rule: how well a source token alone explains what came."""
    targets = [[5], [], [4, 6, 4], [6, 6], [1, 2, 4, 5, 6]]
    for source, target, found in zip(
        SOURCES, targets, force(Tables(), SOURCES, targets, SPECIAL, posterior=True), strict=True
    ):
        assert found.posterior is not None
        for place, token_id in enumerate([*target, END]):
            number = code(target[:place])
            alone = [table((position,), number)[0][token_id] for position in source]
            joint = found.attention[place] * np.exp(alone)
            np.testing.assert_allclose(found.posterior[place], joint / joint.sum(), rtol=1e-5)
    plain = force(Tables(), SOURCES, targets, SPECIAL)
    assert all(found.posterior is None for found in plain)


def test_found_is_forced() -> None:
    """What a search says of its translation is what scoring that translation says."""
    found = search(Tables(), SOURCES, SPECIAL, 30, beam=3)
    assert any(hypothesis.token_ids for hypothesis in found)
    forced = force(Tables(), SOURCES, [each.token_ids for each in found], SPECIAL)
    for one, other in zip(found, forced, strict=True):
        np.testing.assert_array_equal(one.log_probs, other.log_probs)
        np.testing.assert_array_equal(one.attention, other.attention)


def test_pad() -> None:
    """Rows are filled up with 0 on the right, and their lengths are int32."""
    ids, lengths = pad([[5, 3], [6, 7, 3]])
    assert ids.tolist() == [[5, 3, 0], [6, 7, 3]]
    assert lengths.tolist() == [2, 3]
    assert ids.dtype == np.int64
    assert lengths.dtype == np.int32
