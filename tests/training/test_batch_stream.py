"""The batches of a step, determined by seed, epoch and step, and divided among processes."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch

from jumok.bundle.incremental_decoder import decode
from jumok.bundle.tokenizer import BACK_TRANSLATED, Tokenizer
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.training.batch_stream import BatchStream
from jumok.training.configuration import Configuration
from jumok.training.data.batches import TokenBatch
from jumok.training.errors import DataError

_PAIRS = [
    (f"{s} {o} {v}", f"{s_} {v_} {o_}")
    for (s, s_), (o, o_), (v, v_) in product(
        [("나는", "I"), ("너는", "you"), ("우리는", "we")],
        [("책을", "books"), ("물을", "water"), ("빵을", "bread")],
        [("봐요", "see"), ("사요", "buy"), ("알아요", "know")],
    )
]
Make = Callable[..., BatchStream]
Pair = tuple[tuple[int, ...], tuple[int, ...]]
LINKS = frozenset({(0, 0), (1, 2), (2, 1)})
PAIRS = [SentencePair(*pair, GoldAlignment(LINKS, LINKS)) for pair in _PAIRS]


@pytest.fixture(scope="module")
def source() -> Tokenizer:
    texts = [pair.source for pair in PAIRS] * 9
    return Tokenizer.train(texts, 310, seed=0, tags=[BACK_TRANSLATED])


@pytest.fixture(scope="module")
def target() -> Tokenizer:
    return Tokenizer.train([pair.target for pair in PAIRS] * 9, 310, seed=0)


@pytest.fixture
def make(source: Tokenizer, target: Tokenizer) -> Make:
    """Make a stream; keywords are keys of [training]."""

    def make_stream(
        pairs: list[SentencePair] = PAIRS, sampling: float = 0, limit: int = 30, **training: Any
    ) -> BatchStream:
        configuration = Configuration.model_validate(
            {
                "name": "toy",
                "data": {
                    "source_language": "ko",
                    "target_language": "en",
                    "embedded": {"train": 1},
                },
                "tokenization": {"vocabulary_size": 310, "sampling": sampling},
                "limits": {"max_source_tokens": limit, "max_target_tokens": limit},
                "training": {"steps": 1, "batch_tokens": 60, **training},
            }
        )
        return BatchStream(pairs, source, target, configuration)

    return make_stream


def tokens(batch: TokenBatch) -> list[Pair]:
    """Return the pairs of a batch with end tokens, without padding."""
    return [
        (tuple(source[:length]), tuple(token_id for token_id in target if token_id))
        for source, length, target in zip(
            batch.source_ids.tolist(),
            batch.source_lengths.tolist(),
            batch.target_ids.tolist(),
            strict=True,
        )
    ]


def epoch_of(stream: BatchStream, epoch: int) -> list[list[TokenBatch]]:
    """Return the micro-batches of each step of an epoch."""
    return [stream.batches(epoch, step, 0, 1) for step in range(stream.steps(epoch))]


def pairs_of(epoch: list[list[TokenBatch]]) -> list[Pair]:
    """Return all pairs of an epoch."""
    return [pair for step in epoch for batch in step for pair in tokens(batch)]


def same(one: list[list[TokenBatch]], other: list[list[TokenBatch]]) -> bool:
    """Return whether two epochs have the same batches."""
    flat, others = ([tokens(batch) for step in epoch for batch in step] for epoch in (one, other))
    return flat == others


def test_every_pair(make: Make, source: Tokenizer, target: Tokenizer) -> None:
    """An epoch has every pair once, with end tokens."""
    found = pairs_of(epoch_of(make(), 0))
    end = source.special_ids.end
    expected = [
        ((*source.encode(pair.source).ids, end), (*target.encode(pair.target).ids, end))
        for pair in PAIRS
    ]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("sampling", [0, 0.3])
def test_nothing_but_its_place_matters(make: Make, sampling: float) -> None:
    """What a step trains on depends on no step before it, and each epoch has an order of its own.

    A resumed training begins in the middle.
    """
    stream = make(sampling=sampling)
    first, second, third = (epoch_of(stream, epoch) for epoch in range(3))
    assert not same(first, second)
    assert same(epoch_of(make(sampling=sampling), 2), third)
    assert same(epoch_of(stream, 0), first)
    assert not same(epoch_of(make(sampling=sampling, seed=2), 0), first)


def test_sampling(make: Make, source: Tokenizer, target: Tokenizer) -> None:
    """With subword sampling the segmentation of a sentence varies, but not its text."""
    plain, sampled = (pairs_of(epoch_of(make(sampling=share), 0)) for share in (0, 0.3))
    assert set(plain) != set(sampled)
    for pairs in (plain, sampled):
        texts = sorted((decode(source, ours), decode(target, theirs)) for ours, theirs in pairs)
        assert texts == sorted(_PAIRS)


def test_sampling_within_limits(make: Make, source: Tokenizer, target: Tokenizer) -> None:
    """A sentence whose sampled segmentation is too long keeps its best segmentation."""
    longest = max(
        max(len(source.encode(pair.source).ids), len(target.encode(pair.target).ids))
        for pair in PAIRS
    )
    free, stream = make(sampling=0.02, limit=100), make(sampling=0.02, limit=longest)
    assert stream.left_out == 0
    lengths = []
    for epoch in range(6):
        lengths.append(max(len(side) for pair in pairs_of(epoch_of(free, epoch)) for side in pair))
        drawn = pairs_of(epoch_of(stream, epoch))
        assert max(len(side) for pair in drawn for side in pair) <= longest + 1
    assert max(lengths) > longest + 1
    assert same(epoch_of(make(sampling=0.02, limit=longest), 5), epoch_of(stream, 5))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_processes(make: Make, count: int) -> None:
    """Processes divide the batches of a step among them equally."""
    stream = make(accumulate=4)
    for step in range(stream.steps(0)):
        everything = [tokens(batch) for batch in stream.batches(0, step, 0, 1)]
        shares = [stream.batches(0, step, rank, count) for rank in range(count)]
        assert {len(share) for share in shares} == {4 // count}
        together = [tokens(batch) for share in shares for batch in share]
        assert sorted(together) == sorted(everything)
        sources, targets = stream.tokens(0, step)
        assert sources == sum(len(ours) for batch in everything for ours, _ in batch)
        assert targets == sum(len(theirs) for batch in everything for _, theirs in batch)


def test_last_step(make: Make) -> None:
    """The last step of an epoch is completed with its first batches."""
    single, several = make(), make(accumulate=4)
    batches = [tokens(step[0]) for step in epoch_of(single, 0)]
    assert len(batches) % 4
    assert several.steps(0) == len(batches) // 4 + 1
    found = [tokens(batch) for step in epoch_of(several, 0) for batch in step]
    assert found == batches + batches[: len(found) - len(batches)]
    (everything,) = epoch_of(make(batch_tokens=100_000, accumulate=3), 0)
    assert [tokens(batch) for batch in everything] == [tokens(everything[0])] * 3


def test_long_pairs(make: Make) -> None:
    """Pairs over the limits are left out and counted; if all are, that is an error."""
    long = SentencePair("나는 책을 봐요 " * 9, "I see books")
    stream = make([*PAIRS, long, SentencePair("나는", "I " * 90), SentencePair("", "I")])
    assert stream.left_out == 3
    found = pairs_of(epoch_of(stream, 0))
    assert len(found) == len(PAIRS)
    with pytest.raises(DataError, match=r"every training pair is longer than \[limits\] allows"):
        make([long])


def test_links(make: Make, source: Tokenizer, target: Tokenizer) -> None:
    """All tokens of linked words are linked; the end and other words are not."""
    pair = SentencePair("나는 책을 봐요", "I see books", GoldAlignment(frozenset({(1, 2)}), LINKS))
    ((batch,),) = epoch_of(make([pair], guided_alignment=0.5), 0)
    ours = [at for at, word in enumerate(source.encode(pair.source).word_indices) if word == 1]
    theirs = [at for at, word in enumerate(target.encode(pair.target).word_indices) if word == 2]
    expected = torch.zeros(1, *batch.target_ids.shape[1:], *batch.source_ids.shape[1:])
    for place in theirs:
        expected[0, place, ours] = 1 / len(ours)
    assert ours
    assert theirs
    torch.testing.assert_close(batch.alignment, expected)


@pytest.mark.parametrize("sampling", [0, 0.5])
def test_back_translated(make: Make, source: Tokenizer, sampling: float) -> None:
    """A machine-translated source begins with the token that says so; its links move by one."""
    plain = SentencePair("나는 책을 봐요", "I see books", GoldAlignment(LINKS, LINKS))
    marked = replace(plain, back_translated=True)
    stream = make([plain], guided_alignment=0.5, sampling=sampling)
    ((batch,),) = epoch_of(stream, 0)
    stream = make([marked], guided_alignment=0.5, sampling=sampling)
    ((tagged,),) = epoch_of(stream, 0)
    assert tagged.source_ids[0].tolist() == [
        source.tag_id(BACK_TRANSLATED),
        *batch.source_ids[0].tolist(),
    ]
    assert torch.equal(tagged.target_ids, batch.target_ids)
    assert tagged.alignment is not None
    assert batch.alignment is not None
    torch.testing.assert_close(tagged.alignment[:, :, 1:], batch.alignment)
    assert not tagged.alignment[:, :, 0].any()


def test_links_in_a_script_without_spaces(make: Make) -> None:
    """Links between characters, which are not tokens, are not trained on."""
    pair = SentencePair("나는 學生", "I see", GoldAlignment(frozenset({(2, 1)}), LINKS))
    ((batch,),) = epoch_of(make([pair], guided_alignment=0.5), 0)
    assert batch.alignment is None


def test_links_of_samples(make: Make) -> None:
    """Sampled segmentations have the links of their words."""
    stream = make(sampling=0.2, guided_alignment=0.5)
    for step in epoch_of(stream, 1):
        for batch in step:
            assert batch.alignment is not None
            linked = batch.alignment.sum(dim=2)
            written = (batch.target_ids > 0) & (batch.target_ids != 3)
            torch.testing.assert_close(linked, written.float())


def test_no_links(make: Make) -> None:
    """There are links only if they are used and known, and if words are unchanged."""
    assert all(batch.alignment is None for step in epoch_of(make(), 0) for batch in step)
    unknown = replace(PAIRS[0], alignment=None)
    moved = replace(PAIRS[0], source="나는 ﷺ 봐요")  # normalisation splits one word into four
    for pair in (unknown, moved):
        ((batch,),) = epoch_of(make([pair], limit=100, guided_alignment=1.0), 0)
        assert batch.alignment is None
