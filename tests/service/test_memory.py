"""The memory of calls in flight."""

import asyncio
from contextvars import copy_context

import pytest

from jumok.service.errors import OverloadedError
from jumok.service.memory import MemoryBudget, reserve


def test_calls_share_a_budget() -> None:
    """A call that exceeds the budget is refused; a call that ends makes room."""
    budget = MemoryBudget(100)
    with budget.call():
        reserve(60)

        def other() -> None:
            with budget.call():
                reserve(40)
                with pytest.raises(OverloadedError) as refused:
                    reserve(1)
                assert refused.value.retry_seconds > 0

        copy_context().run(other)
        assert budget.reserved == 60
        reserve(40)
        assert budget.reserved == 100
    assert budget.reserved == 0


async def test_tasks_of_a_call_use_its_reservation() -> None:
    """What a task of a call reserves is released with the call."""
    budget = MemoryBudget(100)

    async def work() -> None:
        reserve(30)

    with budget.call():
        await asyncio.create_task(work())
        assert budget.reserved == 30
    assert budget.reserved == 0
