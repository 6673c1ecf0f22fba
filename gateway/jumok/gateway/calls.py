"""Calls to the service on behalf of an HTTP request: with its API key and id."""

import asyncio
import logging
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Final, TypeVar

from starlette.requests import Request

from jumok.client.async_client import AsyncClient
from jumok.client.errors import InvalidRequest
from jumok.gateway.problems import Problem, unauthenticated

T = TypeVar("T")

REQUEST_ID: Final = "x-request-id"

_SCHEME: Final = "bearer "

_log = logging.getLogger(__name__)


class Disconnected(Exception):  # noqa: N818 - nobody is there to whom it would be an error
    """The client went away before its response was complete."""


def client_of(request: Request, *, key: str = "") -> AsyncClient:
    """Return the client for calls on behalf of a request.

    Args:
        request: its API key and its id are sent on.
        key: the API key, if the request has none in its headers.

    Raises:
        Problem: the key cannot or must not be sent.
    """
    client: AsyncClient = request.app.state.client
    authorization = request.headers.get("authorization", "")
    if authorization[: len(_SCHEME)].lower() == _SCHEME:
        key = authorization[len(_SCHEME) :].strip()
    if not (key.isascii() and key.isprintable()):
        raise unauthenticated("an API key has ASCII characters only")
    try:
        return client.calling(key=key, metadata=[(REQUEST_ID, request.state.request_id)])
    except InvalidRequest as error:  # what is wrong is the setting, and not the request
        _log.error("%s", error)
        raise Problem(
            HTTPStatus.BAD_GATEWAY,
            "API keys cannot be sent on to the service safely: its operator has to use TLS",
        ) from None


async def unless_disconnected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, a call to the service; cancel it when the client goes away.

    Raises:
        Disconnected: the client has gone away.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnect(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        leaving.result()  # raises what was wrong with the rest of the body
        raise Disconnected
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
