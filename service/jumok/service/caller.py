"""The caller of a call: whom queues, limits and log lines are kept for."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


def _free(tokens: int) -> None:
    """Charge nothing."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the service.

    Attributes:
        name: name of its API key; without keys, the peer's address and port, such as
            "ipv4:127.0.0.1:50052".
        share: weight of its work in fair queueing; twice the share gets twice the work done.
        charge: counts tokens against the limits of its key.
    """

    name: str
    share: float = 1.0
    charge: Callable[[int], None] = field(default=_free, repr=False, compare=False)


authenticated: ContextVar[Caller | None] = ContextVar("authenticated", default=None)
"""The caller that the current call's API key belongs to; None without keys."""


def caller_of(context: Any) -> Caller:
    """Return the caller of the current call.

    Args:
        context: the call's `grpc.aio.ServicerContext`.
    """
    return authenticated.get() or Caller(context.peer())
