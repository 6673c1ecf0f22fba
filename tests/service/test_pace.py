"""The pace of the event loop."""

import asyncio
import time

from jumok.service.pace import Pace


async def test_others_have_their_turn_between_pieces() -> None:
    """Of tasks that become ready together, each piece of work runs in an iteration of its own."""
    pace = Pace()
    log: list[str] = []

    async def work() -> None:
        await pace.turn()
        log.append("piece")
        time.sleep(0.01)  # noqa: ASYNC251 - stands for computation

    async def other() -> None:
        while log.count("piece") < 5:
            log.append("other")
            await asyncio.sleep(0)

    await asyncio.gather(*(work() for _ in range(5)), other())
    assert "piece piece" not in " ".join(log)


async def test_short_work_is_not_delayed() -> None:
    """A piece that is alone begins at once, without another iteration of the loop."""
    turn = Pace().turn()
    try:
        turn.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")
