"""The caller of a call: whom queues, limits and log lines are kept for."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the service.

    Attributes:
        name: name of its API key; without keys, the peer's address and port, such as
            "ipv4:127.0.0.1:50052".
        share: weight of its work in fair queueing; twice the share gets twice the work done.
    """

    name: str
    share: float = 1.0


authenticated: ContextVar[Caller | None] = ContextVar("authenticated", default=None)
"""The caller that the current call's API key belongs to; None without keys."""


def caller_of(context: Any) -> Caller:
    """Return the caller of the current call.

    Args:
        context: the call's `grpc.aio.ServicerContext`.
    """
    return authenticated.get() or Caller(context.peer())
