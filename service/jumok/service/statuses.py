"""Converts errors to gRPC statuses with google.rpc details."""

from collections.abc import Sequence
from typing import Final, NoReturn

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status
from grpc.aio import ServicerContext

from jumok.service.call_record import current_call
from jumok.service.errors import (
    DeadlineError,
    InvalidRequestError,
    ModelNotFoundError,
    NotExplainableError,
    OverloadedError,
    ReaderStoppedError,
    ResponseFullError,
    ServiceError,
    UnauthenticatedError,
    UnavailableError,
)
from jumok.v1.translation_pb2 import Failure

_DETAILS_KEY: Final = "grpc-status-details-bin"


async def abort(context: "ServicerContext[Message, Message]", error: ServiceError) -> NoReturn:
    """End a call with the status of `error`; never returns."""
    call = current_call()
    call.refused(error)
    code, details = _status(error)
    packed = []
    for detail in details:
        packed.append(Any())
        packed[-1].Pack(detail)
    status = Status(code=code.value[0], message=str(error), details=packed)
    trailing = (*call.trailing_metadata, (_DETAILS_KEY, status.SerializeToString()))
    await context.abort(code, str(error), trailing)


def failure(error: ServiceError) -> Failure:
    """Build the message of an error that is one outcome of a batch."""
    current_call().refused(error)
    code, _ = _status(error)
    field = error.field if isinstance(error, InvalidRequestError) else ""
    return Failure(code=code.value[0], message=str(error), field=field)


def _status(error: ServiceError) -> tuple[grpc.StatusCode, Sequence[Message]]:
    match error:
        case InvalidRequestError():
            return grpc.StatusCode.INVALID_ARGUMENT, [_violation(error.field, error)]
        case ModelNotFoundError():
            return grpc.StatusCode.NOT_FOUND, [_violation(error.field, error)]
        case NotExplainableError():
            return grpc.StatusCode.FAILED_PRECONDITION, []
        case DeadlineError():
            return grpc.StatusCode.DEADLINE_EXCEEDED, []
        case ReaderStoppedError():
            return grpc.StatusCode.ABORTED, []
        case UnauthenticatedError():
            return grpc.StatusCode.UNAUTHENTICATED, []
        case ResponseFullError():
            return grpc.StatusCode.RESOURCE_EXHAUSTED, []
        case UnavailableError():
            return grpc.StatusCode.UNAVAILABLE, []
        case OverloadedError():
            delay = Duration()
            delay.FromMilliseconds(round(error.retry_seconds * 1000))
            return grpc.StatusCode.RESOURCE_EXHAUSTED, [RetryInfo(retry_delay=delay)]
        case _:
            return grpc.StatusCode.INTERNAL, []


def _violation(field: str, error: ServiceError) -> BadRequest:
    violation = BadRequest.FieldViolation(field=field, description=str(error))
    return BadRequest(field_violations=[violation])
