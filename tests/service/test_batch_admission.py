"""Admission of batches, and the room of their responses."""

import asyncio

import pytest

from jumok.service.batch_admission import BatchAdmission, BatchRoom
from jumok.service.caller import Caller
from jumok.service.errors import InvalidRequestError, OverloadedError, ResponseFullError
from jumok.service.response_size import FAILURE_BYTES

ANA, BEN = Caller("Ana"), Caller("Ben")


async def test_the_limit_on_texts_is_never_exceeded() -> None:
    """A batch that reaches the limit is admitted, one more text is not; ended texts make room."""
    admission, gate = BatchAdmission(10, 4), asyncio.Event()

    async def work(text: int) -> int:
        await gate.wait()
        return text

    first = asyncio.create_task(admission.run(work, range(6), ANA))
    second = asyncio.create_task(admission.run(work, range(4), BEN))
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await admission.run(work, [0], Caller("Cem"))
    gate.set()
    assert (await first, await second) == ([*range(6)], [*range(4)])
    assert await admission.run(work, range(10), ANA) == [*range(10)]


async def test_further_batches_of_a_caller_leave_room_for_another() -> None:
    """A caller's second batch is refused when it would take more than half; another's is not."""
    admission, gate = BatchAdmission(10, 4), asyncio.Event()

    async def work(text: int) -> int:
        await gate.wait()
        return text

    first = asyncio.create_task(admission.run(work, range(5), ANA))
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError, match="your batches"):
        await admission.run(work, [0], ANA)
    second = asyncio.create_task(admission.run(work, range(5), BEN))
    gate.set()
    assert (await first, await second) == ([*range(5)], [*range(5)])


async def test_a_batch_that_can_never_be_admitted_is_invalid() -> None:
    """A batch of more texts than the limit is not told to try again."""

    async def work(text: int) -> int:
        return text

    with pytest.raises(InvalidRequestError, match="at most 10"):
        await BatchAdmission(10, 4).run(work, range(11), ANA)


async def test_cancelled_batches_leave_nothing_behind() -> None:
    """A cancelled batch releases its texts and its turns, whether they run or wait."""
    admission = BatchAdmission(10, 2)

    async def work(_: int) -> None:
        await asyncio.Event().wait()

    batch = asyncio.create_task(admission.run(work, range(10), ANA))
    await asyncio.sleep(0)
    batch.cancel()
    await asyncio.wait([batch])

    async def short(text: int) -> int:
        return text

    async with asyncio.timeout(10):
        assert await admission.run(short, range(10), ANA) == [*range(10)]


def test_room_is_left_for_failures() -> None:
    """Translations use the room that failures leave; after the first that does not fit, none do."""
    room = BatchRoom(4 * FAILURE_BYTES + 100, texts=4)
    room.take(FAILURE_BYTES)
    room.take(FAILURE_BYTES + 100)
    room.check()
    with pytest.raises(ResponseFullError):
        room.take(FAILURE_BYTES + 1)
    with pytest.raises(ResponseFullError):
        room.check()
