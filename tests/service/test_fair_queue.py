"""The queue that shares work between callers by deficit round robin."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from jumok.service.caller import Caller
from jumok.service.fair_queue import FairQueue

A, B, C = Caller("a"), Caller("b"), Caller("c", share=3)


def everything(_: object) -> bool:
    return True


def taken(queue: FairQueue[str], count: int) -> list[str]:
    found = [queue.take(everything) for _ in range(count)]
    assert None not in found
    return [item for item in found if item is not None]


def test_items_of_one_caller_keep_their_order() -> None:
    """A single caller gets its items in the order in which it put them."""
    queue: FairQueue[str] = FairQueue()
    for number in range(5):
        queue.put(A, f"a{number}", 1000.0 - number)
    assert len(queue) == 5
    assert taken(queue, 5) == [f"a{number}" for number in range(5)]
    assert (len(queue), queue.take(everything)) == (0, None)


def test_a_caller_with_much_work_does_not_delay_others() -> None:
    """The single item of a caller is taken early, however many items another one has."""
    queue: FairQueue[str] = FairQueue()
    for _ in range(100):
        queue.put(A, "a", 30)
    queue.put(B, "b", 30)
    assert "b" in taken(queue, 3)


def test_equal_shares_get_equal_work() -> None:
    """Two callers get as much work done as each other, whatever their items cost."""
    queue: FairQueue[str] = FairQueue()
    for _ in range(50):
        queue.put(A, "a", 1000)
    for _ in range(2000):
        queue.put(B, "b", 20)
    work = Counter[str]()
    while work["a"] + work["b"] < 20_000:
        (item,) = taken(queue, 1)
        work[item] += 1000 if item == "a" else 20
    assert work["a"] == pytest.approx(work["b"], abs=1100)


def test_a_greater_share_gets_more_work() -> None:
    """A caller with three times the share gets three times the work done."""
    queue: FairQueue[str] = FairQueue()
    for _ in range(1000):
        queue.put(A, "a", 50)
        queue.put(C, "c", 50)
    work = Counter(taken(queue, 400))
    assert work["c"] == pytest.approx(3 * work["a"], rel=0.1)


def test_a_caller_that_cannot_be_served_is_passed_over() -> None:
    """Items that are not eligible stay, and those of other callers are taken."""
    queue: FairQueue[str] = FairQueue()
    queue.put(A, "a", 10)
    queue.put(B, "b1", 10)
    queue.put(B, "b2", 10)
    assert queue.take(lambda item: item != "a") == "b1"
    assert queue.take(lambda item: item not in ("a", "b2")) is None
    assert set(taken(queue, 2)) == {"a", "b2"}


def test_cheap_items_do_not_pass_an_expensive_one_forever() -> None:
    """An expensive item is taken after ten rounds, although new callers keep arriving."""
    queue: FairQueue[str] = FairQueue()
    queue.put(A, "expensive", 320)
    for number in range(10):
        queue.put(Caller(str(number)), "cheap", 20)
    order = []
    for number in range(10, 200):
        order += taken(queue, 1)
        queue.put(Caller(str(number)), "cheap", 20)
    assert order.index("expensive") <= 100


def test_credit_is_not_given_in_advance() -> None:
    """Rounds are skipped only as long as nobody can pay."""
    queue: FairQueue[str] = FairQueue()
    queue.put(A, "a1", 64)
    queue.put(A, "a2", 64)
    assert queue.take(everything) == "a1"
    assert queue._lines["a"].credit == 0


def test_unwanted_items_are_removed() -> None:
    """Discarded items are returned and count no longer."""
    queue: FairQueue[str] = FairQueue()
    for item in ("a1", "a2", "b1"):
        queue.put(A if item < "b" else B, item, 10)
    assert queue.discard(lambda item: item != "a2") == ["a1", "b1"]
    assert (len(queue), queue.shares) == (1, {"a": 1})
    assert queue.ahead(A, 1) == 10


def test_work_ahead_is_that_of_fair_turns() -> None:
    """Before a new item come the caller's own items, and as much work of each other caller."""
    queue: FairQueue[str] = FairQueue()
    assert queue.ahead(B, 20) == 0
    for _ in range(100):
        queue.put(A, "a", 1000)
    assert queue.ahead(A, 20) == 100_000
    assert queue.ahead(B, 20) == 20
    queue.put(B, "b", 30)
    assert queue.ahead(B, 20) == 30 + 50
    assert queue.ahead(Caller("d", share=2), 20) == 10 + 10


def test_shares_that_are_fractions_are_rounded_safely() -> None:
    """Whatever the shares and costs, an item is taken as long as there are any."""
    generator = random.Random(1)
    queue: FairQueue[int] = FairQueue()
    callers = [Caller(str(share), share=share) for share in (0.01, 0.1, 0.3, 0.7, 1.1)]
    for number in range(20_000):
        queue.put(generator.choice(callers), number, generator.randrange(1, 1000))
    assert sorted(taken_numbers(queue)) == list(range(20_000))


def taken_numbers(queue: FairQueue[int]) -> Iterator[int]:
    while queue:
        item = queue.take(everything)
        assert item is not None
        yield item
