"""A server that answers with canned events, in this process, on a port of its own."""

import io
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from jumok.v1 import translation_pb2 as pb
from jumok.v1 import translation_pb2_grpc

from client.command import main
from client.sync_client import Client
from client.translation import Translation

TEXT = "나는 학생입니다"
ENGLISH = "I am a student"


def source() -> pb.Source:
    """How `TEXT` is read: the example of the contract."""
    return pb.Source(
        tokens=[
            pb.SourceToken(id=11, piece="▁나는", start=0, end=2, word=0),
            pb.SourceToken(id=12, piece="▁학생", start=3, end=5, word=1),
            pb.SourceToken(id=13, piece="입니다", start=5, end=8, word=1),
            pb.SourceToken(id=3, piece="</s>", start=8, end=8),
        ],
        words=[pb.Span(start=0, end=2), pb.Span(start=3, end=8)],
    )


def tokens(attention: int = pb.ATTENTION_DENSE) -> list[pb.Token]:
    """How it is translated, with as much attention as asked for."""
    rows = [
        ("▁I", "I", [0.96, 0.02, 0.01, 0.01]),
        ("▁am", " am", [0.03, 0.07, 0.88, 0.02]),
        ("▁a", " a", [0.05, 0.55, 0.35, 0.05]),
        ("▁stu", " stu", [0.0, 1.0, 0.0, 0.0]),
        ("dent", "dent", [0.0, 0.5, 0.25, 0.25]),
    ]
    made = []
    for number, (piece, text, row) in enumerate(rows):
        token = pb.Token(id=21 + number, piece=piece, text=text, log_prob=-0.25)
        if attention in (pb.ATTENTION_DENSE, pb.ATTENTION_UNSPECIFIED):
            token.attention.extend(row)
        if attention != pb.ATTENTION_NONE:
            token.best_position = row.index(max(row))
        made.append(token)
    return made


def result(text: str = ENGLISH, **fields: Any) -> pb.Result:
    """The translation as a whole."""
    words = []
    end = 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        words.append(pb.Span(start=start, end=end))
    fields = {"finish_reason": pb.FINISH_REASON_END_OF_SENTENCE, **fields}
    return pb.Result(
        hypotheses=[
            pb.Hypothesis(
                text=text,
                log_prob=-1.5,
                score=-0.25,
                words=words,
                alignment=[pb.AlignmentLink(source_word=1, target_word=3, weight=0.75)],
            )
        ],
        timings=pb.Timings(
            queued=Duration(nanos=1_000_000),
            first_token=Duration(nanos=12_000_000),
            total=Duration(seconds=1, nanos=500_000_000),
        ),
        model="ko-en",
        model_fingerprint="f" * 64,
        **fields,
    )


def abort(context: grpc.ServicerContext, code: int, message: str, *details: Any) -> None:
    """Ends the call with a status and google.rpc details."""
    status = status_pb2.Status(code=code, message=message)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    context.abort_with_status(rpc_status.to_status(status))


def violation(field_name: str, description: str) -> Any:
    """A google.rpc.BadRequest."""
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=field_name, description=description)
        ]
    )


@dataclass
class Servicer(translation_pb2_grpc.TranslationServiceServicer):
    """Answers by what the text says; keeps what it was asked."""

    requests: list[pb.TranslateRequest] = field(default_factory=list)
    endless: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    overloads: int = 0

    def Translate(  # noqa: N802 - as generated
        self, request: pb.TranslateRequest, context: Any
    ) -> Iterator[pb.TranslateResponse]:
        """Plays one of the parts below."""
        self.requests.append(request)
        if request.model not in ("", "ko-en"):
            detail = violation("model", "no model is named 'de-en': this server has 'ko-en'")
            abort(context, code_pb2.NOT_FOUND, "no such model", detail)
        part = {
            "너무 김": self._refuse,
            "만원": self._overload,
            "고장": self._fail,
            "준비 중": self._drain,
            "끝없이": self._endless,
            "느림": self._slow,
            "잘림": self._cut_off,
            "한도": self._limit,
        }.get(request.text, self._translate)
        yield from part(request, context)

    def GetModel(self, request: pb.GetModelRequest, context: Any) -> pb.GetModelResponse:  # noqa: N802
        """Describes one model."""
        if request.model not in ("", "ko-en"):
            detail = violation("model", f"no model is named {request.model!r}")
            abort(context, code_pb2.NOT_FOUND, "no such model", detail)
        model = pb.Model(name="ko-en", source_language="ko", max_source_tokens=128)
        return pb.GetModelResponse(model=model)

    def _translate(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        yield pb.TranslateResponse(source=source())
        sent = tokens(request.attention)
        yield pb.TranslateResponse(tokens=pb.Tokens(tokens=sent[:1]))
        yield pb.TranslateResponse(tokens=pb.Tokens(tokens=sent[1:3]))
        yield pb.TranslateResponse(tokens=pb.Tokens(tokens=sent[3:]))
        yield pb.TranslateResponse(result=result())

    def _refuse(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        detail = violation("text", "has 700 characters, and the most is 512: split it")
        abort(context, code_pb2.INVALID_ARGUMENT, "bad request", detail)
        yield

    def _overload(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        self.overloads -= 1
        if self.overloads >= 0:
            delay = error_details_pb2.RetryInfo(retry_delay=Duration(nanos=50_000_000))
            abort(context, code_pb2.RESOURCE_EXHAUSTED, "too many sentences wait", delay)
        yield from self._translate(request, context)

    def _fail(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        yield pb.TranslateResponse(source=source())
        yield pb.TranslateResponse(tokens=pb.Tokens(tokens=tokens()[:2]))
        context.abort(grpc.StatusCode.INTERNAL, "the engine stopped")

    def _drain(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        context.abort(grpc.StatusCode.UNAVAILABLE, "the server is draining")
        yield

    def _endless(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        context.add_callback(self.cancelled.set)
        self.endless.set()
        yield pb.TranslateResponse(source=source())
        while not self.cancelled.wait(0.005):
            yield pb.TranslateResponse(tokens=pb.Tokens(tokens=tokens()[:1]))

    def _slow(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        for response in self._translate(request, context):
            time.sleep(0.15)
            yield response

    def _cut_off(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        yield from list(self._translate(request, context))[:-1]

    def _limit(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        yield from list(self._translate(request, context))[:-1]
        yield pb.TranslateResponse(result=result(finish_reason=pb.FINISH_REASON_LENGTH))


@dataclass
class Server:
    """A running server."""

    address: str
    servicer: Servicer
    health: Any


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that is SERVING, named by JUMOK_ADDRESS."""
    monkeypatch.setenv("no_proxy", "localhost")
    servicer = Servicer()
    checks = health.HealthServicer()
    checks.set("", health_pb2.HealthCheckResponse.SERVING)
    checks.set("jumok.v1.TranslationService", health_pb2.HealthCheckResponse.NOT_SERVING)
    running = grpc.server(ThreadPoolExecutor(4))
    translation_pb2_grpc.add_TranslationServiceServicer_to_server(servicer, running)
    health_pb2_grpc.add_HealthServicer_to_server(checks, running)
    address = f"localhost:{running.add_insecure_port('localhost:0')}"
    running.start()
    monkeypatch.setenv("JUMOK_ADDRESS", address)
    yield Server(address, servicer, checks)
    running.stop(None).wait()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of that server."""
    with Client(server.address, timeout=10) as client:
        yield client


@dataclass
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def jumok(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the `jumok` command in this process, its output no terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "JUMOK_FONT"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        status = ended.value.code
        captured = capsys.readouterr()
        return Ended(status if isinstance(status, int) else 0, captured.out, captured.err)

    return run


@pytest.fixture
def translation(client: Client) -> Translation:
    """`TEXT`, translated."""
    return client.translate_text(TEXT)
