"""The methods of the service without connections, to call them millions of times."""

import inspect
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import grpc

from benchmarks.abuse.requests import SERVICE
from benchmarks.abuse.small_bundle import write_small_bundle
from jumok.bundle.folder import load_bundle
from jumok.runtime.opening import open_engine
from jumok.service.config import ServiceConfig
from jumok.service.errors import ServiceError
from jumok.service.model import ServedModel
from jumok.service.pace import Pace
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server


class _AcceptedError(ServiceError):
    """The request has passed all checks; it would be translated now."""


class _Accepting:
    """In place of the translator: translates nothing."""

    def __init__(self, *_: object) -> None:
        """Take and forget what a translator needs."""
        self.pace = Pace()

    def check(self, *_: object) -> None:
        """Let every call pass."""

    async def translate(self, *_: object, **__: object) -> AsyncGenerator[Any]:
        """Accept a text."""
        raise _AcceptedError("accepted")
        yield

    async def align(self, *_: object, **__: object) -> Any:
        """Accept a pair."""
        raise _AcceptedError("accepted")

    async def explain(self, *_: object, **__: object) -> Any:
        """Accept a token."""
        raise _AcceptedError("accepted")


class _Details(NamedTuple):
    method: str
    invocation_metadata: tuple[()] = ()


class _Context:
    """The context of one call.

    Attributes:
        status: name of the status that ended the call.
    """

    def __init__(self) -> None:
        self._code = grpc.StatusCode.OK

    @property
    def status(self) -> str:
        return self._code.name

    def code(self) -> grpc.StatusCode:
        return self._code

    async def abort(self, code: grpc.StatusCode, details: str = "", *_: object) -> None:
        self._code = grpc.StatusCode.OK if details == "accepted" else code
        raise grpc.aio.AbortError

    def set_trailing_metadata(self, metadata: object) -> None:
        pass

    async def write(self, response: object) -> None:
        pass

    def time_remaining(self) -> None:
        return None

    def peer(self) -> str:
        return "ipv4:127.0.0.1:1"

    def invocation_metadata(self) -> tuple[()]:
        return ()


class _Recorder(mock.MagicMock):
    """In place of gRPC's server: only keeps its interceptors and methods."""

    def keep(self, interceptors: Any = (), **_: object) -> "_Recorder":
        self.interceptors = list(interceptors)
        self.methods: dict[str, Any] = {}
        self.add_insecure_port.return_value = 1
        return self

    def add_registered_method_handlers(self, service: str, handlers: Any) -> None:
        self.methods.update({f"/{service}/{name}": found for name, found in handlers.items()})


class InProcess:
    """The service with a small model: all interceptors and checks, but no connection or engine."""

    def __init__(self, folder: Path) -> None:
        """Write the model to `folder`; needs a running event loop."""
        write_small_bundle(folder)
        bundle = load_bundle(folder)
        model = ServedModel.of(bundle, open_engine(bundle, "cpu"), 4000)
        self._recorder = _Recorder()
        with (
            mock.patch("grpc.aio.server", self._recorder.keep),
            mock.patch("jumok.service.server.Translator", _Accepting),
        ):
            Server(ServiceConfig(listen="localhost:0"), ModelRegistry([model]))

    async def call(self, method: str, content: bytes) -> str:
        """Call a method and return the name of the status.

        Raises:
            Exception: one that no interceptor has turned into a status.
        """
        context: Any = _Context()
        details = _Details(f"/{SERVICE.full_name}/{method}")

        async def handler_from(place: int) -> Any:
            if place == len(self._recorder.interceptors):
                return self._recorder.methods[details.method]
            interceptor = self._recorder.interceptors[place]
            return await interceptor.intercept_service(lambda _: handler_from(place + 1), details)

        handler = await handler_from(0)
        request = handler.request_deserializer(content)
        try:
            if not handler.response_streaming:
                handler.response_serializer(await handler.unary_unary(request, context))
            elif inspect.isawaitable(answer := handler.unary_stream(request, context)):
                await answer
            else:
                async for response in answer:
                    handler.response_serializer(response)
        except grpc.aio.AbortError:
            pass
        status: str = context.status
        return status
