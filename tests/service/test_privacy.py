"""No text of a caller appears in the log or in the metrics of a running service."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from jumok.v1 import translation_pb2 as pb
from tests.service.scrape import get

CANARY = "kanarienvogel"
METADATA = (
    ("x-request-id", f"{CANARY} of two words"),
    ("x-canary", CANARY),
    (f"x-{CANARY}", "1"),
    (f"{CANARY}-bin", b"\xff\xfe" + CANARY.encode()),
    ("authorization", f"Bearer {CANARY}"),
    ("traceparent", CANARY),
    ("tracestate", f"{CANARY}={CANARY}"),
    ("user-agent", CANARY),
)


def filled(message: Message, depth: int = 3) -> Iterator[Message]:
    """Yield copies of a message, each with the canary in one of its text fields."""
    for field in message.DESCRIPTOR.fields:
        for nested in _values(field, depth):
            copy = type(message)()
            copy.CopyFrom(message)
            target: Any = getattr(copy, field.name)
            if field.is_repeated:
                target.append(nested)
            elif field.message_type is not None:
                target.CopyFrom(nested)
            else:
                setattr(copy, field.name, nested)
            yield copy


def _values(field: Any, depth: int) -> Iterator[Any]:
    if field.type == field.TYPE_STRING:
        yield from (CANARY, f"{CANARY}\0", CANARY * 500)
    elif field.type == field.TYPE_BYTES:
        yield CANARY.encode()
    elif field.message_type is not None and depth:
        yield from filled(GetMessageClass(field.message_type)(), depth - 1)


def requests() -> Iterator[tuple[str, bytes]]:
    """Yield methods and requests that contain the canary."""
    service = pb.DESCRIPTOR.services_by_name["TranslationService"]
    bases: dict[str, Message] = {
        "Translate": pb.TranslateRequest(text="나는"),
        "TranslateBatch": pb.TranslateBatchRequest(texts=["나는"]),
        "Align": pb.AlignRequest(source="나는", target="I"),
    }
    for method in service.methods:
        path = f"/{service.full_name}/{method.name}"
        request: Any = GetMessageClass(method.input_type)
        for base in (request(), bases.get(method.name, request())):
            for message in filled(base):
                yield path, message.SerializeToString()
        for number in (1, 2):  # not UTF-8, truncated, and an unknown field
            content = b"\xff" + CANARY.encode()
            yield path, bytes([number << 3 | 2, len(content)]) + content
            yield path, bytes([number << 3 | 2, 127]) + content
        unknown = b"\xfa\x3f" + bytes([len(CANARY)]) + CANARY.encode()
        yield path, unknown
    health = health_pb2.HealthCheckRequest(service=CANARY).SerializeToString()
    yield "/grpc.health.v1.Health/Check", health
    yield "/grpc.health.v1.Health/Check", b"\x0a\x0e\xff" + CANARY.encode()
    question = reflection_pb2.ServerReflectionRequest(host=CANARY, file_by_filename=CANARY)
    for version in ("v1", "v1alpha"):
        path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
        yield path, question.SerializeToString()
        yield path, b"\x0a\x0e\xff" + CANARY.encode()
    yield f"/{CANARY}/{CANARY}", CANARY.encode()
    yield f"/{service.full_name}/{CANARY}", CANARY.encode()


def send(port: int) -> int:
    """Send all requests, and return how many of them were answered."""
    answered = 0
    with grpc.insecure_channel(f"localhost:{port}") as channel:
        for path, content in requests():
            method: Any = channel.unary_stream(path)
            call = method(content, timeout=60, metadata=METADATA)
            try:
                for _ in call:
                    answered += 1
            except grpc.RpcError:
                pass
    return answered


@pytest.fixture
def process(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jumok.cli", "serve"],
            env=os.environ
            | {
                "JUMOK_LISTEN": "localhost:0",
                "JUMOK_METRICS_LISTEN": "localhost:0",
                "JUMOK_LOG_LEVEL": "debug",
                "JUMOK_LOG_FORMAT": "json",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_no_text_of_a_caller_leaves_the_service(
    process: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    """A word in every field, in names and in metadata appears in neither log nor metrics."""
    log = tmp_path / "log"
    started: list[Any] = []
    while not started:
        assert process.poll() is None, log.read_text("utf-8")
        lines = log.read_text("utf-8").splitlines()
        started = [json.loads(line) for line in lines if '"serving"' in line]
    port, metrics_port = started[0]["port"], started[0]["metrics_port"]

    assert send(port) > 10
    _, metrics = get(metrics_port, "/metrics")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    written = log.read_text("utf-8")
    calls = [json.loads(line) for line in written.splitlines() if '"event": "call"' in line]

    assert len(calls) == sum(1 for _ in requests())
    assert {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED"} <= {
        call["status"] for call in calls
    }
    assert "jumok_call_duration_seconds_count" in metrics
    for text in (written, metrics):
        assert CANARY not in text.lower()
