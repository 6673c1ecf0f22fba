import asyncio
import time

import pytest

from jumok.service.events import Decided, Finished
from jumok.service.outbox import Outbox

TOKEN = Decided(())
END = Finished(())


def put(outbox: Outbox, event: Decided | Finished) -> None:
    outbox.put((time.monotonic(), event))


async def test_the_first_event_does_not_wait() -> None:
    """Whatever the pause is, there is something to take at once."""
    outbox = Outbox(lambda: 100.0)
    put(outbox, TOKEN)
    async with asyncio.timeout(1):
        assert [event for _, event in await outbox.take()] == [TOKEN]


async def test_events_within_a_pause_come_together() -> None:
    """After a message the next one comes when the pause is over, with all that came meanwhile."""
    outbox = Outbox(lambda: 0.2)
    put(outbox, TOKEN)
    await outbox.take()
    began = time.monotonic()
    for _ in range(3):
        put(outbox, TOKEN)
        await asyncio.sleep(0.01)
    assert len(await outbox.take()) == 3
    assert time.monotonic() - began >= 0.19


async def test_the_end_does_not_wait() -> None:
    """A sentence that is done is told at once, with the tokens that waited."""
    outbox = Outbox(lambda: 100.0)
    put(outbox, TOKEN)
    await outbox.take()
    put(outbox, TOKEN)
    put(outbox, END)
    async with asyncio.timeout(1):
        assert [event for _, event in await outbox.take()] == [TOKEN, END]


async def test_who_wants_the_whole_is_not_woken_before_the_end() -> None:
    """Without a pause to wait for, all comes together at the end."""
    outbox = Outbox(None)
    put(outbox, TOKEN)
    taken = asyncio.ensure_future(outbox.take())
    put(outbox, TOKEN)
    done, _ = await asyncio.wait([taken], timeout=0.05)
    assert not done
    put(outbox, END)
    async with asyncio.timeout(1):
        assert [event for _, event in await taken] == [TOKEN, TOKEN, END]


async def test_nothing_is_taken_of_an_empty_one() -> None:
    """Who takes waits until there is something."""
    outbox = Outbox(lambda: 0.0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await outbox.take()
