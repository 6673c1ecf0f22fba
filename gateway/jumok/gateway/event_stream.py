"""Events of a translation as server-sent events."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from sse_starlette import EventSourceResponse
from starlette.requests import Request

from jumok.client.errors import ClientError
from jumok.client.events import Event
from jumok.client.json_form import to_plain
from jumok.gateway.calls import unless_disconnected
from jumok.gateway.problems import Problem


async def event_stream(
    request: Request, events: AsyncGenerator[Event, None]
) -> EventSourceResponse:
    """Answer with one server-sent event for each event of a translation.

    The response starts with the first event, so that a request that is refused has the status of
    its problem. A later failure is an event `error`.

    Raises:
        ClientError: the call failed before its first event.
        Disconnected: the client has gone away before.
    """
    first = await unless_disconnected(request, _next(events))
    return EventSourceResponse(_encoded(first, events))


async def _next(events: AsyncGenerator[Event, None]) -> Event:
    return await anext(events)


async def _encoded(first: Event, events: AsyncGenerator[Event, None]) -> AsyncIterator[bytes]:
    async with aclosing(events):
        yield _server_sent(_name(first), first)
        try:
            async for event in events:
                yield _server_sent(_name(event), event)
        except ClientError as error:
            yield _server_sent("error", Problem.of(error).details)


def _name(event: Event) -> str:
    """The name of an event on the wire."""
    return type(event).__name__.lower()


def _server_sent(name: str, value: object) -> bytes:
    data = json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n".encode()
