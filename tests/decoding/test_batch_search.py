"""Searches of a batch, compared with a slow and obvious reference."""

from itertools import product

import numpy as np
import pytest

from jumok.decoding.batch_search import force, pad, pad_sources, search
from jumok.decoding.options import Decoding
from tests.decoding.tables import (
    END,
    MORE,
    SOURCES,
    SPECIAL,
    VOCABULARY,
    WORDS,
    Tables,
    assert_consistent,
    code,
    score,
    slow,
    table,
    without_end,
)


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 2.0])
@pytest.mark.parametrize("max_tokens", [1, 3, 12])
@pytest.mark.parametrize("beam", [1, 2, 3, 5])
def test_beam(beam: int, max_tokens: int, length_penalty: float) -> None:
    """All hypotheses are those of a search that lists all continuations and sorts them."""
    decoding = Decoding(max_tokens, beam=beam, hypotheses=beam, length_penalty=length_penalty)
    for source, found in zip(MORE, search(Tables(), MORE, SPECIAL, decoding), strict=True):
        wanted = slow(source, decoding)
        assert len(found) == len(wanted)
        for hypothesis, ids in zip(found, wanted, strict=True):
            assert_consistent(source, hypothesis, ids)
            assert hypothesis.score == pytest.approx(score(source, ids, decoding), rel=1e-5)


@pytest.mark.parametrize(
    "decoding",
    [
        Decoding(12, beam=4, hypotheses=3, coverage_penalty=0.5),
        Decoding(12, beam=2, hypotheses=2, coverage_penalty=3.0, length_penalty=0.2),
        Decoding(12, min_tokens=5, beam=3, hypotheses=3),
        Decoding(6, min_tokens=6, beam=4, hypotheses=4),
        Decoding(6, prefix=(5, 5, 4), beam=3, hypotheses=3),
        Decoding(3, prefix=(5, 5, 4), beam=3, hypotheses=3),
        Decoding(9, min_tokens=4, prefix=(6,), beam=5, hypotheses=5, coverage_penalty=0.2),
        Decoding(9, min_tokens=4),
        Decoding(9, prefix=(6, 1)),
        Decoding(2, prefix=(6, 1, END)),
        Decoding(2, prefix=(6, 1, END), beam=3),
    ],
    ids=str,
)
def test_options(decoding: Decoding) -> None:
    """With coverage penalty, minimum length or prefix, results and scores match the reference."""
    for source, found in zip(MORE, search(Tables(), MORE, SPECIAL, decoding), strict=True):
        wanted = slow(source, decoding)
        assert [each.token_ids for each in found] == [without_end(ids) for ids in wanted]
        for hypothesis, ids in zip(found, wanted, strict=True):
            assert_consistent(source, hypothesis, ids)
            assert hypothesis.score == pytest.approx(score(source, ids, decoding), rel=1e-4)


@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 3.0])
def test_wide_beam(length_penalty: float) -> None:
    """A beam as wide as the number of hypotheses finds the best of all translations."""
    everything = [(*ids, END) for length in range(3) for ids in product(WORDS, repeat=length)]
    decoding = Decoding(2, beam=len(WORDS) ** 2 * VOCABULARY, length_penalty=length_penalty)
    for source, (best, *_) in zip(
        SOURCES, search(Tables(), SOURCES, SPECIAL, decoding), strict=True
    ):
        wanted = max(everything, key=lambda ids: score(source, ids, decoding))
        assert (*best.token_ids, END) == wanted


@pytest.mark.parametrize("max_tokens", [1, 2, 5, 30])
def test_greedy(max_tokens: int) -> None:
    """A beam of 1 chooses the best token at each step; the end may follow the last one allowed."""
    kinds = set()
    found = search(Tables(), SOURCES, SPECIAL, Decoding(max_tokens))
    for source, (only,) in zip(SOURCES, found, strict=True):
        ids = list[int]()
        while END not in ids and len(ids) <= max_tokens:
            ids.append(int(table(tuple(source), code(ids))[0].argmax()))
        kinds.add(END in ids)
        assert_consistent(source, only, ids if END in ids else ids[:max_tokens])
    assert kinds == ({True} if max_tokens == 30 else {True, False})


@pytest.mark.parametrize("beam", [1, 3])
def test_results_do_not_depend_on_the_batch(beam: int) -> None:
    """A sentence is translated the same alone and in a batch."""
    decoding = Decoding(8, beam=beam)
    together = search(Tables(), SOURCES, SPECIAL, decoding)
    for source, (found,) in zip(SOURCES, together, strict=True):
        ((alone,),) = search(Tables(), [source], SPECIAL, decoding)
        assert alone.token_ids == found.token_ids
        np.testing.assert_array_equal(alone.attention, found.attention)
        assert alone.score == found.score


def test_finished_sentences_are_not_stepped() -> None:
    """A step has one row for each unfinished sentence and no others."""
    model = Tables()
    found = search(model, SOURCES, SPECIAL, Decoding(30))
    assert model.stepped_rows == sum(len(hypothesis.log_probs) for (hypothesis,) in found)


@pytest.mark.parametrize("beam", [1, 5])
def test_diverged(beam: int) -> None:
    """A diverged model, whose outputs are NaN, still gives a translation; its score is NaN."""
    found = search(Tables(factor=np.nan), SOURCES, SPECIAL, Decoding(4, beam=beam))
    assert len(found) == len(SOURCES)
    assert all(np.isnan(hypothesis.score) for (hypothesis,) in found)


def test_forced_decoding_of_a_translation_repeats_its_search() -> None:
    """Forced decoding of a translation gives the log-probabilities and attention of its search."""
    found = [best for (best,) in search(Tables(), SOURCES, SPECIAL, Decoding(30, beam=3))]
    assert any(hypothesis.token_ids for hypothesis in found)
    forced = force(Tables(), SOURCES, [each.token_ids for each in found], SPECIAL)
    for one, other in zip(found, forced, strict=True):
        np.testing.assert_array_equal(one.log_probs, other.log_probs)
        np.testing.assert_array_equal(one.attention, other.attention)


def test_pad() -> None:
    """Rows are padded with 0 on the right, and their lengths are int32."""
    ids, lengths = pad([[5, 3], [6, 7, 3]])
    assert ids.tolist() == [[5, 3, 0], [6, 7, 3]]
    assert lengths.tolist() == [2, 3]
    assert ids.dtype == np.int64
    assert lengths.dtype == np.int32


def test_pad_sources() -> None:
    """Sources are padded to a multiple of four positions."""
    for longest, width in ((1, 4), (4, 4), (5, 8)):
        ids, lengths = pad_sources([[7], [*range(3, 3 + longest)]])
        assert ids.tolist() == [
            [7] + [0] * (width - 1),
            [*range(3, 3 + longest)] + [0] * (width - longest),
        ]
        assert lengths.tolist() == [1, longest]
