"""Delivery of the updates of a job to its reader."""

import asyncio
import time
from typing import Any

import pytest

from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence
from jumok.service.delivery import Outbox
from jumok.service.errors import EngineError
from jumok.service.job import Update

JOB: Any = None
END = [ScoredHypothesis(TokenSequence(), 0.0, True)]


def put(outbox: Outbox, decided: int, outcome: Any = None) -> None:
    outbox.put(Update(JOB, decided, outcome=outcome), time.monotonic())


async def test_the_first_token_does_not_wait() -> None:
    """The first token is sent at once, whatever the pause."""
    outbox = Outbox(lambda: 100.0)
    put(outbox, 1)
    async with asyncio.timeout(1):
        await outbox.change()
    assert outbox.decided == 1


async def test_tokens_within_a_pause_share_a_message() -> None:
    """The next message is sent at the end of the pause, with all tokens since the last one."""
    outbox = Outbox(lambda: 0.2)
    put(outbox, 1)
    await outbox.change()
    began = time.monotonic()
    for decided in (2, 3, 4):
        put(outbox, decided)
        await asyncio.sleep(0.01)
    await outbox.change()
    assert outbox.decided == 4
    assert time.monotonic() - began >= 0.19


async def test_the_end_does_not_wait() -> None:
    """A finished translation is delivered at once, with all waiting tokens."""
    outbox = Outbox(lambda: 100.0)
    put(outbox, 1)
    await outbox.change()
    put(outbox, 2)
    put(outbox, 3, END)
    async with asyncio.timeout(1):
        await outbox.change()
    assert (outbox.decided, outbox.hypotheses) == (3, END)


async def test_readers_that_do_not_stream_are_woken_once() -> None:
    """A reader that does not stream is woken only at the end."""
    outbox = Outbox(None)
    put(outbox, 1)
    changed = asyncio.ensure_future(outbox.change())
    put(outbox, 2)
    done, _ = await asyncio.wait([changed], timeout=0.05)
    assert not done
    put(outbox, 3, END)
    async with asyncio.timeout(1):
        await changed
    assert outbox.decided == 3


async def test_an_error_is_raised_at_the_reader() -> None:
    """The error that ends a job is raised in its reader at once."""
    outbox = Outbox(lambda: 100.0)
    put(outbox, 1)
    await outbox.change()
    put(outbox, 1, EngineError("broken"))
    with pytest.raises(EngineError, match="broken"):
        async with asyncio.timeout(1):
            await outbox.change()


async def test_reader_waits_for_an_update() -> None:
    """A reader waits until there is an update."""
    outbox = Outbox(lambda: 0.0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await outbox.change()


async def test_an_update_wakes_its_reader_once() -> None:
    """An update wakes its reader only once."""
    outbox = Outbox(lambda: 0.0)
    put(outbox, 1)
    await outbox.change()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await outbox.change()
