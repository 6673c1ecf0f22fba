"""The order in which updates reach the readers."""

import asyncio
from collections.abc import Callable
from typing import Any

from jumok.service.delivery import Delivery, Outbox
from jumok.service.job import Job, Update
from jumok.service.model import ServedModel


async def test_updates_of_two_rounds_keep_their_order(
    model: ServedModel, job: Callable[..., Job]
) -> None:
    """When many readers wait, the provisional tokens of a later round are not overwritten."""
    delivery = Delivery(
        max_rows=4, max_queue=4, max_encoded=40, join_steps=0, messages_per_second=100
    )
    delivery.start()
    jobs = [job(3) for _ in range(20)]
    for each in jobs:
        delivery._outboxes[each] = Outbox(lambda: 0.0)
    first: Any = [Update(each, 1, "first") for each in jobs]  # type: ignore[arg-type]
    second: Any = [Update(each, 2, "second") for each in reversed(jobs)]  # type: ignore[arg-type]
    delivery.distribute(first)
    delivery.distribute(second)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not delivery._updates
    found: Any = {(box.decided, box.provisional) for box in delivery._outboxes.values()}
    assert found == {(2, "second")}
    delivery._outboxes.clear()
    assert await delivery.stop(10)
