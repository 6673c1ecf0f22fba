"""A service whose responses depend on the text of the request."""

import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from jumok.v1 import translation_pb2 as pb
from jumok.v1 import translation_pb2_grpc
from tests.client.answers import ENGLISH, explanation, hypothesis, result, source, tokens, words


def abort(context: grpc.ServicerContext, code: int, message: str, *details: Any) -> None:
    """End the call with a status and google.rpc details."""
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


def described(name: str) -> pb.Model:
    """The description of a model with a name such as "ko-en"."""
    source, _, target = name.partition("-")
    return pb.Model(
        name=name,
        fingerprint="f" * 64,
        source_language=source,
        target_language=target,
        max_source_tokens=128,
        execution_provider="CPUExecutionProvider",
        alignment_rule=pb.ALIGNMENT_RULE_POSTERIOR,
        precision="int8",
    )


@dataclass
class Servicer(translation_pb2_grpc.TranslationServiceServicer):
    """Chooses its response by the text of the request; records the requests."""

    requests: list[pb.TranslateRequest] = field(default_factory=list)
    batches: list[pb.TranslateBatchRequest] = field(default_factory=list)
    explanations: list[pb.ExplainRequest] = field(default_factory=list)
    pairs: list[pb.AlignRequest] = field(default_factory=list)
    endless: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    overloads: int = 0

    def Translate(  # noqa: N802 - as generated
        self, request: pb.TranslateRequest, context: Any
    ) -> Iterator[pb.TranslateResponse]:
        """Respond with the method below that the text selects."""
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
        """Describe one model."""
        if request.model not in ("", "ko-en"):
            detail = violation("model", f"no model is named {request.model!r}")
            abort(context, code_pb2.NOT_FOUND, "no such model", detail)
        name = f"{request.source_language or 'ko'}-{request.target_language or 'en'}"
        return pb.GetModelResponse(model=described(name))

    def ListModels(  # noqa: N802
        self, request: pb.ListModelsRequest, context: Any
    ) -> pb.ListModelsResponse:
        """Describe two models."""
        return pb.ListModelsResponse(models=[described("ko-en"), described("de-en")])

    def TranslateBatch(  # noqa: N802
        self, request: pb.TranslateBatchRequest, context: Any
    ) -> pb.TranslateBatchResponse:
        """Translate or refuse each text; one text makes the whole call fail."""
        self.batches.append(request)
        if "준비 중" in request.texts:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the server is draining")
        return pb.TranslateBatchResponse(
            items=[self._item(text, request.attention) for text in request.texts if text != "빠짐"]
        )

    def Align(self, request: pb.AlignRequest, context: Any) -> pb.AlignResponse:  # noqa: N802
        """Align the first word with the first source word, the others with the second."""
        self.pairs.append(request)
        if request.model not in ("", "ko-en"):
            detail = violation("model", f"no model is named {request.model!r}")
            abort(context, code_pb2.NOT_FOUND, "no such model", detail)
        if request.target == "너무 김":
            abort(
                context,
                code_pb2.INVALID_ARGUMENT,
                "bad",
                violation("target", "is too long: split it"),
            )
        if request.source == "만원":
            self._check_room(context)
        end = pb.Token(id=3, piece="</s>", log_prob=-0.25, best_position=3)
        if request.attention == pb.ATTENTION_DENSE_BYTES:
            end.attention_bytes = struct.pack("<4f", 0, 0, 0, 1)
        targets = words(request.target)
        return pb.AlignResponse(
            source=source(),
            tokens=[*tokens(request.attention), end],
            words=targets,
            alignment=[
                pb.AlignmentLink(source_word=min(n, 1), target_word=n, weight=0.75)
                for n in reversed(range(len(targets)))
            ],
            rule=request.rule or pb.ALIGNMENT_RULE_POSTERIOR,
            log_prob=-1.5,
            perplexity=1.25,
            model="ko-en",
            model_fingerprint="f" * 64,
        )

    def Explain(self, request: pb.ExplainRequest, context: Any) -> pb.ExplainResponse:  # noqa: N802
        """Explain a token of the translation, or of a given one of words."""
        self.explanations.append(request)
        if request.model == "old":
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the model old cannot explain")
        answer = explanation(request.target, request.token_index)
        if request.token_index >= len(answer.tokens):
            detail = violation("token_index", "the translation has 6 tokens")
            abort(context, code_pb2.INVALID_ARGUMENT, "bad", detail)
        return answer

    def _item(self, text: str, attention: int) -> pb.BatchItem:
        if text == "너무 김":
            failure = pb.Failure(
                code=code_pb2.INVALID_ARGUMENT, message="has 700 characters", field="text"
            )
            return pb.BatchItem(failure=failure)
        if text == "느림":
            return pb.BatchItem(failure=pb.Failure(code=code_pb2.DEADLINE_EXCEEDED, message="late"))
        found = result()
        found.hypotheses[0].tokens.extend(tokens(attention))
        return pb.BatchItem(translation=pb.Translation(source=source(), result=found))

    def _translate(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        yield pb.TranslateResponse(source=source())
        beam, sampling = request.decoding.beam_search, request.decoding.sampling
        sent = tokens(request.attention, request.decoding.alternatives)
        tail = sent[3:] if beam.provisional else []
        yield pb.TranslateResponse(tokens=pb.Tokens(tokens=sent[:1], provisional=tail))
        yield pb.TranslateResponse(tokens=pb.Tokens(tokens=sent[1:3]))
        yield pb.TranslateResponse(tokens=pb.Tokens(tokens=sent[3:]))
        others = [
            hypothesis(text, score, tokens=sent[:1])
            for text, score in ((ENGLISH, -0.5), ("I study", -0.75), ("A student", -1.0))
        ]
        seed = (sampling.seed or 7) if request.decoding.HasField("sampling") else None
        yield pb.TranslateResponse(
            result=result(*others[: max(0, beam.num_hypotheses - 1)], seed=seed)
        )

    def _refuse(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        detail = violation("text", "has 700 characters, and the most is 512: split it")
        abort(context, code_pb2.INVALID_ARGUMENT, "bad request", detail)
        yield

    def _check_room(self, context: Any) -> None:
        self.overloads -= 1
        if self.overloads >= 0:
            delay = error_details_pb2.RetryInfo(retry_delay=Duration(nanos=50_000_000))
            abort(context, code_pb2.RESOURCE_EXHAUSTED, "too many sentences wait", delay)

    def _overload(self, request: pb.TranslateRequest, context: Any) -> Iterator[Any]:
        self._check_room(context)
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
