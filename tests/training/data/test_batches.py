"""Batches: every pair once per epoch, within the limit, in an order determined by the seed."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jumok.training.data.batches import TokenPair, make_batch, pad, plan_epoch


def drawn(count: int) -> list[TokenPair]:
    """Draw pairs of random lengths, with targets about as long as sources."""
    generator = np.random.default_rng(0)
    lengths = generator.integers(1, 41, count).tolist()
    return [TokenPair((5,) * n, (6,) * (n + int(generator.integers(0, 3)))) for n in lengths]


def padded_size(pairs: list[TokenPair]) -> int:
    """Return the tokens of a batch, both sides, including ends and padding."""
    source = max(len(pair.source) for pair in pairs) + 1
    target = max(len(pair.target) for pair in pairs) + 1
    return len(pairs) * (source + target)


@settings(deadline=None)
@given(
    lengths=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=60),
    budget=st.integers(1, 200),
    epoch=st.integers(0, 3),
)
def test_plan(lengths: list[tuple[int, int]], budget: int, epoch: int) -> None:
    """Each pair is in one batch, and only batches of one pair exceed the limit."""
    pairs = [TokenPair((5,) * source, (6,) * target) for source, target in lengths]
    plan = plan_epoch(pairs, budget, seed=1, epoch=epoch)
    assert Counter(index for batch in plan for index in batch) == Counter(range(len(pairs)))
    for batch in plan:
        assert len(batch) == 1 or padded_size([pairs[index] for index in batch]) <= budget


def test_large_plan() -> None:
    """The same holds for more pairs than are sorted together, with little padding."""
    pairs = drawn(10_000)
    plan = plan_epoch(pairs, 2000, seed=1, epoch=0)
    assert sorted(index for batch in plan for index in batch) == list(range(10_000))
    sizes = [padded_size([pairs[index] for index in batch]) for batch in plan]
    assert max(sizes) <= 2000
    true = sum(len(pair.source) + len(pair.target) + 2 for pair in pairs)
    assert true / sum(sizes) > 0.9


def test_order() -> None:
    """The plan depends on the seed and on the epoch."""
    pairs = drawn(300)
    first = plan_epoch(pairs, 200, seed=1, epoch=0)
    assert plan_epoch(pairs, 200, seed=1, epoch=0) == first
    for other in (plan_epoch(pairs, 200, 1, 1), plan_epoch(pairs, 200, 2, 0)):
        assert other != first
        assert {frozenset(batch) for batch in other} != {frozenset(batch) for batch in first}


def test_lengths_are_mixed() -> None:
    """Batches are not sorted by length."""
    pairs = drawn(2000)
    plan = plan_epoch(pairs, 500, seed=1, epoch=0)
    longest = [max(len(pairs[index].target) for index in batch) for batch in plan]
    half = len(plan) // 2
    assert np.mean(longest[:half]) == pytest.approx(np.mean(longest[half:]), rel=0.2)


def test_make_batch() -> None:
    """Sources end with the end token; decoder inputs start with begin, outputs end with end."""
    batch = make_batch([TokenPair((5, 6), (7,)), TokenPair((8,), (9, 10))], 0, 2, 3)
    assert batch.source_ids.tolist() == [[5, 6, 3], [8, 3, 0]]
    assert batch.source_lengths.tolist() == [3, 2]
    assert batch.previous_ids.tolist() == [[2, 7, 0], [2, 9, 10]]
    assert batch.target_ids.tolist() == [[7, 3, 0], [9, 10, 3]]
    assert batch.alignment is None


def test_alignment() -> None:
    """Rows of linked target tokens are uniform over their source tokens; others are 0."""
    linked = TokenPair((5, 6), (7, 8), frozenset({(0, 1), (1, 1), (1, 0)}))
    unknown, nothing = TokenPair((5,), (6,)), TokenPair((5,), (6,), frozenset())
    batch = make_batch([linked, unknown, nothing], 0, 2, 3)
    assert batch.alignment is not None
    assert batch.alignment.tolist() == [
        [[0, 1, 0], [0.5, 0.5, 0], [0, 0, 0]],
        [[0, 0, 0]] * 3,
        [[0, 0, 0]] * 3,
    ]
    assert make_batch([unknown, nothing], 0, 2, 3).alignment is None


def test_device() -> None:
    """All tensors but the lengths, which packing needs on the CPU, are copied to the device."""
    batch = make_batch([TokenPair((5,), (6,), frozenset({(0, 0)}))], 0, 2, 3)
    moved = batch.to(torch.device("meta"))
    assert moved.alignment is not None
    for tensor in (moved.source_ids, moved.previous_ids, moved.target_ids, moved.alignment):
        assert tensor.device.type == "meta"
    assert moved.source_lengths.device.type == "cpu"


def test_pad() -> None:
    """Rows are padded on the right."""
    padded = pad([[1], [2, 3], []], 0)
    assert padded.tolist() == [[1, 0], [2, 3], [0, 0]]
    assert padded.dtype == torch.int64
