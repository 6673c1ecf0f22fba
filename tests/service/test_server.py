"""The whole server: health, reflection, graceful shutdown, many clients."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from jumok.bundle.folder import load_bundle
from jumok.client import AsyncClient, Client, Translation
from jumok.runtime.opening import open_engine
from jumok.service.config import ServiceConfig
from jumok.service.errors import StartupError
from jumok.service.model import ServedModel
from jumok.service.registry import ModelRegistry
from jumok.service.server import Server
from jumok.training.embedded.corpus import pairs
from jumok.v1 import translation_pb2 as pb
from tests.service.calls import TEXT, events
from tests.service.conftest import CopyingEngine, refusal

ROOT = Path(__file__).parents[2]
SERVICE = "jumok.v1.TranslationService"


async def test_health(channel: grpc.aio.Channel) -> None:
    """The server and the service are SERVING; other names are unknown."""
    stub: Any = health_pb2_grpc.HealthStub(channel)
    for service in ("", SERVICE):
        response = await stub.Check(health_pb2.HealthCheckRequest(service=service))
        assert response.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.Check(health_pb2.HealthCheckRequest(service="other"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


async def test_an_engine_that_always_fails_is_unhealthy(
    channel: grpc.aio.Channel, stub: Any, engine: CopyingEngine
) -> None:
    """Health is NOT_SERVING while calls keep failing, and SERVING after one succeeds."""
    health: Any = health_pb2_grpc.HealthStub(channel)

    async def becomes(status: Any) -> None:
        async with asyncio.timeout(20):
            for service in ("", SERVICE):
                request = health_pb2.HealthCheckRequest(service=service)
                while (await health.Check(request)).status != status:  # noqa: ASYNC110 - it is polled
                    await asyncio.sleep(0.05)

    for _ in range(3):
        engine.failing = True
        await refusal(stub.Translate(pb.TranslateRequest(text=TEXT)))
    await becomes(health_pb2.HealthCheckResponse.NOT_SERVING)
    await events(stub, text=TEXT)
    await becomes(health_pb2.HealthCheckResponse.SERVING)


async def test_client_with_only_reflection(channel: grpc.aio.Channel) -> None:
    """A client with no schema but reflection can translate and read attention."""
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)  # type: ignore[arg-type]
    question: Any = reflection_pb2.ServerReflectionRequest

    async def ask(**fields: str) -> Any:
        return await anext(aiter(stub.ServerReflectionInfo(iter([question(**fields)]))))

    listed = await ask(list_services="")
    assert SERVICE in [service.name for service in listed.list_services_response.service]
    pool = descriptor_pool.DescriptorPool()
    found = await ask(file_containing_symbol=SERVICE)
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(content)
        for content in found.file_descriptor_response.file_descriptor_proto
    ]
    for file in sorted(files, key=lambda file: len(file.dependency)):
        pool.Add(file)
    method = pool.FindServiceByName(SERVICE).FindMethodByName("Translate")
    assert method.server_streaming
    request, response = map(
        message_factory.GetMessageClass, (method.input_type, method.output_type)
    )
    call = channel.unary_stream(
        f"/{SERVICE}/{method.name}",
        request_serializer=request.SerializeToString,
        response_deserializer=response.FromString,
    )(request(text="나는 학생입니다"))
    events = [event async for event in call]
    tokens = [token for event in events for token in event.tokens.tokens]  # type: ignore[attr-defined]
    assert "".join(token.text for token in tokens) == "나는 학생입니다"
    assert all(sum(token.attention) == pytest.approx(1) for token in tokens)


async def test_port_in_use_is_an_error(server: Server, model: ServedModel) -> None:
    """A second server on the same port fails to start, with the reason."""
    config = ServiceConfig(listen=f"localhost:{server.port}")
    with pytest.raises(StartupError, match="is the port free"):
        Server(config, ModelRegistry([model]))


@pytest.fixture
async def real_server(tiny_bundle: Path) -> Server:
    bundle = load_bundle(tiny_bundle)
    config = ServiceConfig(listen="localhost:0")
    model = ServedModel.of(bundle, open_engine(bundle, "cpu"), config.max_text_characters)
    return Server(config, ModelRegistry([model]))


async def test_translations_do_not_depend_on_the_batch(real_server: Server) -> None:
    """200 concurrent clients get the tokens that each gets alone, and attention within 1e-5."""
    await real_server.start()
    sources = [pair.source for pair in pairs("test", 200, 1)]
    async with AsyncClient(f"localhost:{real_server.port}") as client:
        alone = [await client.translate_text(source) for source in sources]
        clients = [AsyncClient(f"localhost:{real_server.port}") for _ in sources]
        together = await asyncio.gather(
            *(one.translate_text(source) for one, source in zip(clients, sources, strict=True))
        )
        for one in clients:
            await one.close()
    await real_server.stop()
    for lonely, accompanied in zip(alone, together, strict=True):
        ours, theirs = lonely.tokens, accompanied.tokens
        assert [token.id for token in ours] == [token.id for token in theirs]
        if ours:
            attention = np.array(lonely.attention)
            assert np.abs(attention - np.array(accompanied.attention)).max() <= 1e-5
            assert attention.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert sum(len(lonely.tokens) for lonely in alone) > 200


def _translate_as_command(command: list[str]) -> tuple[Translation, str]:
    """Run a serving command on a free port, translate, stop it with SIGTERM; return its log too."""
    server = subprocess.Popen(
        [*command, "--listen", "localhost:0", "--log-format", "json"],
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    assert server.stderr is not None
    log = server.stderr.readline()
    assert '"serving"' in log, log + server.stderr.read()
    port = log.partition('"port": ')[2].partition(",")[0]
    with Client(f"localhost:{port}") as client:
        translation = client.translate_text("나는 학생입니다")
    server.send_signal(signal.SIGTERM)
    log += server.communicate(timeout=30)[1]
    assert server.returncode == 0, log
    return translation, log


def test_serve_command_stops_on_sigterm(tiny_bundle: Path) -> None:
    """`jumok serve` logs its execution provider, serves, and exits with 0 after SIGTERM."""
    command = [sys.executable, "-m", "jumok.cli", "serve", str(tiny_bundle)]
    translation, log = _translate_as_command(command)
    assert translation.source.words
    assert '"provider": "CPUExecutionProvider"' in log.splitlines()[0]
    assert '"stopped"' in log
