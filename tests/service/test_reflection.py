"""Reflection v1 and v1alpha, called directly and by a client that has no other schema."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection_pb2

from jumok.service.server import Server
from tests.service.calls import TEXT

SERVICE = "jumok.v1.TranslationService"
V1 = "grpc.reflection.v1.ServerReflection"
V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"
LISTED = ["grpc.health.v1.Health", V1, V1ALPHA, SERVICE]
BUF = shutil.which("buf", path=str(Path(sys.executable).parent)) or shutil.which("buf")


async def ask(channel: grpc.aio.Channel, service: str, **question: str) -> Any:
    """Send one request to a reflection service; both versions have the same messages."""
    call = channel.stream_stream(
        f"/{service}/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    request: Any = reflection_pb2.ServerReflectionRequest
    return await anext(aiter(call(iter([request(**question)]))))


@pytest.mark.parametrize("service", [V1, V1ALPHA])
async def test_all_services_are_listed(channel: grpc.aio.Channel, service: str) -> None:
    """Both versions list the same services, themselves included."""
    answer = await ask(channel, service, list_services="")
    assert [listed.name for listed in answer.list_services_response.service] == LISTED


@pytest.mark.parametrize("service", [V1, V1ALPHA])
@pytest.mark.parametrize("listed", LISTED)
async def test_listed_services_are_described(
    channel: grpc.aio.Channel, service: str, listed: str
) -> None:
    """Every listed service has files that link, with all of its methods' messages."""
    answer = await ask(channel, service, file_containing_symbol=listed)
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(content)
        for content in answer.file_descriptor_response.file_descriptor_proto
    ]
    pool = descriptor_pool.DescriptorPool()
    for file in sorted(files, key=lambda file: len(file.dependency)):
        pool.Add(file)
    methods = pool.FindServiceByName(listed).methods
    assert methods
    package = listed.rpartition(".")[0]
    assert {method.input_type.file.package for method in methods} == {package}


async def test_unknown_symbols_are_not_found(channel: grpc.aio.Channel) -> None:
    """For an unknown symbol v1 responds with an error inside the stream, as specified."""
    answer = await ask(channel, V1, file_containing_symbol="jumok.v1.Other")
    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


async def buf_curl(server: Server, *arguments: str, method: str = "") -> tuple[int, str, str]:
    """Run `buf curl`; return its exit status, output and messages."""
    if BUF is None:
        pytest.skip("buf is not installed: pip install buf-bin")
    process = await asyncio.create_subprocess_exec(
        BUF,
        "curl",
        "--protocol",
        "grpc",
        *arguments,
        f"http://localhost:{server.port}{method}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, messages = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, output.decode(), messages.decode()


@pytest.mark.parametrize("version", ["grpc-v1", "grpc-v1alpha"])
async def test_buf_curl_lists_services(server: Server, version: str) -> None:
    """An independent client lists the services by either version."""
    status, output, messages = await buf_curl(
        server, "--reflect-protocol", version, "--list-services"
    )
    assert status == 0, messages
    assert output.split() == LISTED


async def test_buf_curl_translates(server: Server) -> None:
    """With the schema from v1 only, `buf curl` streams a translation with attention."""
    request = json.dumps({"text": TEXT})
    status, output, messages = await buf_curl(
        server, "--verbose", "--data", request, method=f"/{SERVICE}/Translate"
    )
    assert status == 0, messages
    assert f"POST /{V1}/" in messages
    assert f"POST /{V1ALPHA}/" not in messages
    decoder, events = json.JSONDecoder(), []
    while output := output.lstrip():
        event, end = decoder.raw_decode(output)
        events.append(event)
        output = output[end:]
    assert [*events[0], *events[-1]] == ["source", "result"]
    tokens = [token for event in events[1:-1] for token in event["tokens"]["tokens"]]
    assert "".join(token.get("text", "") for token in tokens) == TEXT
    positions = len(events[0]["source"]["tokens"])
    assert [len(token["attention"]) for token in tokens] == [positions] * len(tokens)


async def test_buf_curl_shows_errors(server: Server) -> None:
    """An error arrives with its code, its message and the type of its details."""
    status, _, messages = await buf_curl(
        server, "--data", '{"text": ""}', method=f"/{SERVICE}/Translate"
    )
    assert status == grpc.StatusCode.INVALID_ARGUMENT.value[0] << 3
    error = json.loads(messages)
    assert error["message"] == "the text is empty; send at least one character"
    assert [detail["type"] for detail in error["details"]] == ["google.rpc.BadRequest"]
