"""What any search promises while it runs."""

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
    """Step a search to its end, and stop after each step."""
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
def test_what_is_decided_stays(decoding: Decoding) -> None:
    """All that was told as decided is the best translation in the end, no token twice."""
    early = 0
    for source in MORE:
        told: list[int] = []
        for search in run(source, start_search(decoding, SPECIAL)):
            decided = search.decided.token_ids
            assert decided[: len(told)] == told
            early += len(decided) > len(told) and not search.done
            told = decided.copy()
        assert told == search.hypotheses()[0].tokens.token_ids
    assert early  # something was told before all was known


@pytest.mark.parametrize("decoding", WAYS, ids=str)
def test_what_is_provisional_is_the_best_so_far(decoding: Decoding) -> None:
    """What is decided, and then what is provisional, is a hypothesis of the step."""
    for source in MORE[:8]:
        for steps, search in enumerate(run(source, start_search(decoding, SPECIAL)), start=1):
            whole = search.decided.token_ids + search.provisional().token_ids
            if not search.done:
                assert len(whole) == steps or whole[-1] == END


def test_equal_seeds_draw_equal_translations() -> None:
    """A seed gives the same translation again, another one usually another."""
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
def test_tokens_are_drawn_as_often_as_they_are_probable(
    sampling: SamplingParameters, shares: Callable[[Shares], Shares]
) -> None:
    """First tokens of many seeds come in the shares that temperature, top k and top p leave."""
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
    """Return the least share that the nucleus takes, in shares before they are normalised."""
    ranked = np.sort(shares)[::-1]
    return float(ranked[int((np.cumsum(ranked / ranked.sum()) < top_p).sum())])


def test_a_barred_end_is_never_drawn() -> None:
    """Sampling, too, keeps to the least length."""
    for seed in range(100):
        search = start_search(
            Decoding(9, min_tokens=4, sampling=SamplingParameters(seed=seed)), SPECIAL
        )
        (*_, last) = run(MORE[3], search)
        assert len(last.hypotheses()[0].token_ids) >= 4


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("prefix", [(), (6, 5)])
def test_alternatives_are_the_best_others(beam: int, prefix: tuple[int, ...]) -> None:
    """Each token comes with the best tokens that could have stood there instead."""
    search = start_search(Decoding(9, prefix=prefix, beam=beam, alternatives=3), SPECIAL)
    source = MORE[12]
    (*_, last) = run(source, search)
    best = last.hypotheses()[0].tokens
    for place, chosen in enumerate(best.token_ids):
        row, _ = table(tuple(source), code(best.token_ids[:place]))
        ranked = [token_id for token_id in np.argsort(-row).tolist() if token_id != chosen]
        others = tuple((each, float(row[each])) for each in ranked[:3])
        assert best.alternatives[place] == others
