"""A service with API keys: every method but health requires one."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status.rpc_status import from_call

from jumok.service import servicer
from jumok.service.caller import Caller, caller_of
from jumok.service.config import ServiceConfig
from jumok.service.keys import KeyLimits, create_key
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub
from tests.service.calls import TEXT, until
from tests.service.conftest import CopyingEngine

REFLECTION = "grpc.reflection.v1.ServerReflection"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def key(path: Path) -> str:
    """A key without limits."""
    return create_key(path, "alice", KeyLimits())


@pytest.fixture
def config(path: Path, key: str) -> ServiceConfig:
    return ServiceConfig(listen="localhost:0", max_rows=16, keys=path)


def bearer(key: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {key}"),)


async def retry_seconds(stub: Any, key: str) -> float:
    """Return after how many seconds a call that is refused may be tried again."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetModel(pb.GetModelRequest(), metadata=bearer(key))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    status = from_call(caught.value)  # type: ignore[arg-type]
    assert status is not None
    info = error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    return float(info.retry_delay.ToTimedelta().total_seconds())


async def methods(channel: grpc.aio.Channel, key: str) -> AsyncIterator[tuple[str, Any]]:
    """Yield path and descriptor of every method of every service that reflection lists."""
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)  # type: ignore[arg-type]
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    answer = await anext(aiter(stub.ServerReflectionInfo(iter([ask]), metadata=bearer(key))))
    for service in answer.list_services_response.service:
        descriptor: Any = descriptor_pool.Default().FindServiceByName(service.name)
        for method in descriptor.methods:
            yield f"/{service.name}/{method.name}", method


async def call(channel: grpc.aio.Channel, path: str, method: Any, key: str | None) -> None:
    """Call a method with an empty request, and read what it returns."""
    kind = f"{'stream' if method.client_streaming else 'unary'}_"
    kind += "stream" if method.server_streaming else "unary"
    request: Any = iter([b""]) if method.client_streaming else b""
    made = getattr(channel, kind)(path)(request, metadata=bearer(key) if key else None, timeout=20)
    if not method.server_streaming:
        await made
        return
    async for _ in made:
        made.cancel()
        return


@pytest.mark.parametrize("presented", [None, "jumok_wrong"])
async def test_every_method_but_health_requires_a_key(
    channel: grpc.aio.Channel, key: str, presented: str | None
) -> None:
    """Without a valid key, all methods of all services are UNAUTHENTICATED, except health."""
    walked = [each async for each in methods(channel, key)]
    services = {path.split("/")[1] for path, _ in walked}
    assert {"jumok.v1.TranslationService", "grpc.health.v1.Health", REFLECTION} < services
    for path, method in walked:
        if path.startswith("/grpc.health.v1.Health/"):
            if method.name != "List":  # which grpcio does not implement
                await call(channel, path, method, presented)
            continue
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(channel, path, method, presented)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED, path
        assert "API key" in (caught.value.details() or "")


async def test_unknown_methods_are_not_revealed(channel: grpc.aio.Channel, key: str) -> None:
    """Without a key, nobody can find out which methods exist."""
    for presented, code in ((None, "UNAUTHENTICATED"), (key, "UNIMPLEMENTED")):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            method: Any = channel.unary_unary("/other.Service/Method")
            await method(b"", metadata=bearer(presented) if presented else None)
        assert caught.value.code().name == code


async def test_a_call_with_a_key_has_its_name(
    stub: Any, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The servicer sees the name of the key in streams, batches and unary calls."""
    seen = []

    def see(context: Any) -> Caller:
        seen.append(caller_of(context).name)
        return caller_of(context)

    monkeypatch.setattr(servicer, "caller_of", see)
    metadata = bearer(key)
    async for _ in stub.Translate(pb.TranslateRequest(text=TEXT), metadata=metadata):
        pass
    await stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT]), metadata=metadata)
    await stub.Align(pb.AlignRequest(source=TEXT, target=TEXT), metadata=metadata)
    assert seen == ["alice"] * 3


@pytest.fixture
async def limited(model: ServedModel, path: Path) -> AsyncIterator[tuple[Any, str]]:
    """A service whose key allows one running call, and 5 tokens a day."""
    key = create_key(path, "bob", KeyLimits(concurrency=1, tokens_per_day=5))
    server = Server(ServiceConfig(listen="localhost:0", keys=path), ModelRegistry([model]))
    await server.start()
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        yield TranslationServiceStub(channel), key
    await server.stop()


async def test_concurrency(limited: tuple[Any, str], engine: CopyingEngine) -> None:
    """A key with one running call gets RESOURCE_EXHAUSTED until that is cancelled."""
    stub, key = limited
    engine.gate = threading.Semaphore(0)
    running = stub.Align(pb.AlignRequest(source=TEXT, target=TEXT), metadata=bearer(key))
    await until(lambda: engine.encoded == 1)
    assert await retry_seconds(stub, key) > 0
    running.cancel()
    engine.gate.release(10_000)
    async with asyncio.timeout(20):
        while True:
            try:
                await stub.GetModel(pb.GetModelRequest(), metadata=bearer(key))
                break
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("method", ["Translate", "TranslateBatch", "Align", "Explain"])
async def test_tokens_are_charged(limited: tuple[Any, str], method: str) -> None:
    """A key that has used its tokens of the day is told when to try again."""
    stub, key = limited
    if method == "Translate":
        async for _ in stub.Translate(pb.TranslateRequest(text=TEXT), metadata=bearer(key)):
            pass
    elif method == "TranslateBatch":
        await stub.TranslateBatch(pb.TranslateBatchRequest(texts=[TEXT]), metadata=bearer(key))
    elif method == "Align":
        await stub.Align(pb.AlignRequest(source=TEXT, target=TEXT), metadata=bearer(key))
    else:
        await stub.Explain(pb.ExplainRequest(text=TEXT), metadata=bearer(key))
    assert await retry_seconds(stub, key) > 60
