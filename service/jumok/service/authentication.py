"""The interceptor that asks every call for an API key."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeAlias

import grpc
from grpc import HandlerCallDetails
from grpc_health.v1 import health

from jumok.service.accounts import Accounts
from jumok.service.caller import authenticated
from jumok.service.errors import ServiceError
from jumok.service.statuses import abort

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_OPEN: Final = f"/{health.SERVICE_NAME}/"  # probes have no key


class KeyInterceptor(grpc.aio.ServerInterceptor):
    """Refuses calls without a valid API key, or beyond the limits of theirs.

    This holds for all methods but those of the health service, and before a request is read. It
    sets `caller.authenticated`.
    """

    def __init__(self, accounts: Accounts) -> None:
        """Accept the keys of `accounts`."""
        self._accounts = accounts

    async def intercept_service(
        self,
        continuation: Callable[[HandlerCallDetails], Awaitable["_Handler | None"]],
        handler_call_details: HandlerCallDetails,
    ) -> "_Handler | None":
        """Let a call pass, or answer it with a refusal."""
        if handler_call_details.method.startswith(_OPEN):
            return await continuation(handler_call_details)
        try:
            account = self._accounts.find(_authorization(handler_call_details))
            account.begin()
        except ServiceError as error:
            return _refusal(error)
        # one task runs a call from here to its end, so it also has the call's context variables
        task = asyncio.current_task()
        assert task is not None
        task.add_done_callback(lambda _: account.end())
        authenticated.set(account.caller)
        return await continuation(handler_call_details)


def _authorization(details: HandlerCallDetails) -> str | None:
    for name, value in details.invocation_metadata or ():
        if name == "authorization" and isinstance(value, str):
            return value
    return None


def _refusal(error: ServiceError) -> "_Handler":
    """Return a handler that ends any kind of call without reading a request."""

    async def refuse(requests: AsyncIterator[Any], context: Any) -> None:
        await abort(context, error)

    return grpc.stream_stream_rpc_method_handler(refuse)
