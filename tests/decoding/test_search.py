"""Properties that every search has while it runs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from jumok.decoding.driver import HostRows, start_search
from jumok.decoding.options import Decoding, SamplingParameters
from jumok.decoding.search import Ranked, Search
from jumok.decoding.step_model import StepInput
from tests.decoding.tables import END, MORE, SPECIAL, VOCABULARY, Tables, code, table

Shares = NDArray[np.float64]

WAYS = [
    Decoding(12),
    Decoding(5),
    Decoding(12, beam=2),
    Decoding(12, beam=5, hypotheses=3),
    Decoding(4, beam=3, coverage_penalty=1.0),
    Decoding(12, min_tokens=3, prefix=(5, 6), beam=4),
    Decoding(12, sampling=SamplingParameters(seed=3)),
]


def run(source: Sequence[int], search: Search) -> Iterator[Search]:
    """Step a search until it is done, and yield it after each step."""
    model = Tables()
    encoded = model.encode(np.array([source]), np.array([len(source)], dtype=np.int32))
    rows = HostRows(model, search.beam, len(source), 1)
    rows.admit(0, encoded, 0)
    while not search.done:
        step = rows.step(
            StepInput(
                np.array([search.previous]),
                np.array([search.parents]),
                np.array([search.scored]),
                search.candidates,
            )
        )
        rows.advance()
        search.advance(
            Ranked(
                step.token_ids[0], step.log_probs[0], step.attention[0], step.scored_log_probs[0]
            )
        )
        yield search


@pytest.mark.parametrize("decoding", WAYS, ids=str)
def test_decided_tokens_stay(decoding: Decoding) -> None:
    """Decided tokens never change, and in the end they are the best translation."""
    early = 0
    for source in MORE:
        before: list[int] = []
        for search in run(source, start_search(decoding, SPECIAL)):
            decided = search.decided.token_ids
            assert decided[: len(before)] == before
            early += len(decided) > len(before) and not search.done
            before = decided.copy()
        assert before == search.hypotheses()[0].tokens.token_ids
    assert early  # some tokens were decided before the search was done


@pytest.mark.parametrize("decoding", WAYS, ids=str)
def test_decided_and_provisional_tokens_are_a_hypothesis(decoding: Decoding) -> None:
    """Decided and provisional tokens together are a hypothesis of the current step."""
    for source in MORE[:8]:
        for steps, search in enumerate(run(source, start_search(decoding, SPECIAL)), start=1):
            whole = search.decided.token_ids + search.provisional().token_ids
            if not search.done:
                assert len(whole) == steps or whole[-1] == END


def test_equal_seeds_give_equal_translations() -> None:
    """A seed reproduces its translation; other seeds usually give other ones."""
    drawn = []
    for seed in (1, 1, 2, 3, 4):
        search = start_search(Decoding(30, sampling=SamplingParameters(seed=seed)), SPECIAL)
        (*_, last) = run(MORE[7], search)
        drawn.append(last.hypotheses()[0].token_ids)
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 1


@pytest.mark.parametrize(
    ("sampling", "shares"),
    [
        (SamplingParameters(), lambda p: p),
        (SamplingParameters(temperature=0.5), lambda p: p**2),
        (SamplingParameters(top_k=2), lambda p: p * (p >= np.sort(p)[-2])),
        (SamplingParameters(top_p=0.6), lambda p: p * (p >= nucleus(p, 0.6))),
        (
            SamplingParameters(top_p=0.9, temperature=2.0),
            lambda p: p**0.5 * (p >= nucleus(p**0.5, 0.9) ** 2),
        ),
        (SamplingParameters(temperature=0.01), lambda p: (p / p.max()) ** 100),
    ],
    ids=["plain", "cold", "top k", "top p", "hot top p", "coldest"],
)
def test_tokens_are_drawn_in_proportion_to_probability(
    sampling: SamplingParameters, shares: Callable[[Shares], Shares]
) -> None:
    """First tokens follow the distribution that temperature, top k and top p define."""
    source, draws = MORE[9], 4000
    probable = np.exp(table(tuple(source), code([]))[0].astype(np.float64))
    wanted = shares(probable)
    wanted = wanted / wanted.sum()
    counts = np.zeros(VOCABULARY)
    for seed in range(draws):
        search = start_search(Decoding(1, sampling=replace(sampling, seed=seed)), SPECIAL)
        next(run(source, search))
        counts[search.decided.token_ids[0]] += 1
    np.testing.assert_allclose(counts / draws, wanted, atol=0.03)
    assert not counts[wanted == 0].any()


def nucleus(shares: Shares, top_p: float) -> float:
    """Return the smallest share in the nucleus, before normalisation."""
    ranked = np.sort(shares)[::-1]
    return float(ranked[int((np.cumsum(ranked / ranked.sum()) < top_p).sum())])


def test_sampling_respects_the_minimum_length() -> None:
    """The end is never drawn before the minimum length."""
    for seed in range(100):
        search = start_search(
            Decoding(9, min_tokens=4, sampling=SamplingParameters(seed=seed)), SPECIAL
        )
        (*_, last) = run(MORE[3], search)
        assert len(last.hypotheses()[0].token_ids) >= 4


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("prefix", [(), (6, 5)])
def test_alternatives_are_the_best_others(beam: int, prefix: tuple[int, ...]) -> None:
    """Each token has the most probable other tokens of its step as alternatives."""
    search = start_search(Decoding(9, prefix=prefix, beam=beam, alternatives=3), SPECIAL)
    source = MORE[12]
    (*_, last) = run(source, search)
    best = last.hypotheses()[0].tokens
    for place, chosen in enumerate(best.token_ids):
        row, _ = table(tuple(source), code(best.token_ids[:place]))
        ranked = [token_id for token_id in np.argsort(-row).tolist() if token_id != chosen]
        others = tuple((each, float(row[each])) for each in ranked[:3])
        assert best.alternatives[place] == others
