from typing import Any

import numpy as np

from service.engine import Stepped
from service.lane import Lane
from tests.service.conftest import CopyingEngine


def test_leaving_rows_do_not_disturb_the_others() -> None:
    """Whoever leaves, every other row goes on where it was."""
    lane = Lane[str](CopyingEngine(), width=8, capacity=4, begin=2)  # type: ignore[arg-type]
    lane.admit(["a", "b", "c"], [[11, 12, 13, 14], [21, 22, 23, 24], [31, 32, 33, 34]])
    lane.step()
    lane.release(0)
    lane.admit(["d"], [[41, 42, 43]])
    stepped = lane.step()
    decided = dict(zip(lane.members, stepped.token_ids[:, 0, 0].tolist(), strict=True))
    assert decided == {"b": 22, "c": 32, "d": 41}
    lane.release(lane.members.index("d"))
    stepped = lane.step()
    decided = dict(zip(lane.members, stepped.token_ids[:, 0, 0].tolist(), strict=True))
    assert decided == {"b": 23, "c": 33}


def test_running_rows_are_a_view_of_the_arrays() -> None:
    """What goes to the engine is a prefix of the lane's arrays, not a copy."""
    seen: list[Any] = []

    class Spy(CopyingEngine):
        def step(self, *tensors: Any) -> Stepped:
            seen.extend(tensors)
            return super().step(*tensors)

    lane = Lane[int](Spy(), width=4, capacity=8, begin=2)  # type: ignore[arg-type]
    lane.admit([0, 1], [[5, 6], [7, 8]])
    lane.step()
    assert all(isinstance(tensor, np.ndarray) and tensor.base is not None for tensor in seen)
    assert all(len(tensor) == 2 and tensor.flags.c_contiguous for tensor in seen)
