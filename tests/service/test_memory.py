"""The memory of calls in flight."""

import asyncio
from contextvars import copy_context

import pytest

from jumok.service.caller import Caller
from jumok.service.errors import OverloadedError
from jumok.service.memory import MemoryBudget, reserve


def test_calls_share_a_budget() -> None:
    """A call that exceeds the budget is refused; a call that ends makes room."""
    budget = MemoryBudget(100)
    with budget.call(Caller("Ana")):
        reserve(60)

        def other() -> None:
            with budget.call(Caller("Ben")):
                reserve(40)
                with pytest.raises(OverloadedError) as refused:
                    reserve(1)
                assert refused.value.retry_seconds > 0

        copy_context().run(other)
        assert budget.reserved == 60
        reserve(40)
        assert budget.reserved == 100
    assert budget.reserved == 0


def test_several_calls_of_a_caller_leave_room_for_others() -> None:
    """With further calls a caller gets half of the budget, as if one more caller were there."""
    budget, ana = MemoryBudget(100), Caller("Ana")

    def further(size: int) -> None:
        with budget.call(ana):
            reserve(size)

    with budget.call(ana):
        reserve(40)
        copy_context().run(further, 10)
        with pytest.raises(OverloadedError, match="your share"):
            copy_context().run(further, 11)
        reserve(20)  # it is the only call again
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
