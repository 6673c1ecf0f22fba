"""gRPC statuses and their google.rpc details to the exceptions of `jumok.client.errors`."""

import re

import grpc
import grpc.aio
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from jumok.client.address import proxy_variable
from jumok.client.errors import (
    Cancelled,
    ClientError,
    InvalidRequest,
    ModelNotFound,
    NotExplainable,
    Overloaded,
    ServerError,
    Timeout,
    Unauthenticated,
    Unavailable,
)
from jumok.v1.translation_pb2 import Failure

_CODES = {code.value[0]: code for code in grpc.StatusCode}
# gRPC makes UNAVAILABLE itself too, with texts of its own: these tell why.
_NO_SERVER = re.compile(r"failed to connect|connection refused|connect failed|timed? ?out", re.I)
_NO_TLS = re.compile(r"handshake failed|verification check failed", re.I)
_CLOSED = re.compile(r"failed to connect.*socket closed", re.I)
_NO_NAME = re.compile(r"resol(v|ution)|domain name", re.I)
_LOST = re.compile(r"socket closed|connection reset|goaway|broken pipe|end of tcp stream", re.I)


def client_error(error: grpc.RpcError, address: str) -> ClientError:
    """Convert the error of a call to `address`."""
    if not isinstance(error, grpc.Call | grpc.aio.AioRpcError):
        return ServerError(f"the call to {address} failed: {_clean(str(error))}")
    status = _status(error)
    text = _clean(error.details() or "")
    return _error(error.code(), text, *_violation(status), _retry_after(status), address)


def failure_error(failure: Failure, address: str) -> ClientError:
    """Convert the failure of one text of a batch at `address`."""
    text = _clean(failure.message)
    return _error(_CODES.get(failure.code), text, failure.field, text, None, address)


def _error(
    code: grpc.StatusCode | None,
    text: str,
    field: str,
    description: str,
    retry_after: float | None,
    address: str,
) -> ClientError:
    match code:
        case grpc.StatusCode.INVALID_ARGUMENT:
            return _invalid_request(field, description, text)
        case grpc.StatusCode.UNAUTHENTICATED:
            return Unauthenticated(f"{address} refused the call: {text or 'send an API key'}")
        case grpc.StatusCode.NOT_FOUND:
            message = description or text or f"{address} has no such model"
            return ModelNotFound(message, field=field)
        case grpc.StatusCode.FAILED_PRECONDITION:
            return NotExplainable(text or f"a model of {address} cannot explain its tokens")
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return _overloaded(retry_after, text, address)
        case grpc.StatusCode.UNAVAILABLE:
            return _unavailable(text, address)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return Timeout(f"{address} did not finish in time: try again or allow it longer")
        case grpc.StatusCode.CANCELLED:
            return Cancelled(f"the call to {address} was cancelled before its end")
        case grpc.StatusCode.ABORTED:
            return Cancelled(
                f"{address} gave the call up, as nothing was read from it for too long: read faster"
            )
        case grpc.StatusCode.UNIMPLEMENTED:
            return ServerError(f"{address} does not offer this call: is it a jumok server?")
        case _:
            name = code.name if code else "no status"
            return ServerError(f"{address} failed with {name}: {text or 'see its log'}")


def _status(error: grpc.RpcError) -> status_pb2.Status:
    """Return the google.rpc.Status of an error; an empty one if there is none, or it is invalid."""
    try:
        return rpc_status.from_call(error) or status_pb2.Status()  # type: ignore[arg-type]
    except ValueError:  # its code or text contradicts that of the call: trust the call
        return status_pb2.Status()


def _violation(status: status_pb2.Status) -> tuple[str, str]:
    """Return field and description of the first violation of the first BadRequest."""
    bad_request = error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.Unpack(bad_request) and bad_request.field_violations:
            violation = bad_request.field_violations[0]
            return violation.field, _clean(violation.description)
    return "", ""


def _retry_after(status: status_pb2.Status) -> float | None:
    """Return the seconds of the first RetryInfo."""
    retry_info = error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(retry_info):
            seconds: float = retry_info.retry_delay.ToTimedelta().total_seconds()
            return seconds
    return None


def _invalid_request(field: str, description: str, text: str) -> InvalidRequest:
    description = description or text or "the server did not say why"
    message = f"{field}: {description}" if field else f"the request was refused: {description}"
    return InvalidRequest(message, field=field, description=description)


def _overloaded(retry_after: float | None, text: str, address: str) -> Overloaded:
    if retry_after is not None:
        # what follows the semicolon is advice to try again
        reason = text.partition(";")[0] or "too many sentences wait"
        message = f"{reason} at {address}: try again in {retry_after:.3g} s"
        return Overloaded(message, retry_after=retry_after)
    reason = f" ({text})" if text else ""
    return Overloaded(f"{address} has no room for this now{reason}: try again later")


def _unavailable(text: str, address: str) -> Unavailable:
    if variable := proxy_variable(address):
        return Unavailable(
            f"no server answers at {address} through the proxy of {variable}: add the host to "
            "no_proxy, or correct the proxy"
        )
    if _NO_NAME.search(text):
        return Unavailable(f"no host is known by the name in {address}: check the address")
    if _NO_TLS.search(text):
        return Unavailable(
            f"no TLS connection to {address}: check that it uses TLS, its name, and that each side "
            f"trusts the certificate of the other ({text})"
        )
    if _CLOSED.search(text):
        return Unavailable(
            f"{address} closed the connection: does it require TLS, or a certificate of the client?"
        )
    if _NO_SERVER.search(text):
        return Unavailable(f"no server answers at {address}: is `jumok serve` running there?")
    if _LOST.search(text):
        return Unavailable(f"the connection to {address} was lost: try again")
    reason = f" ({text})" if text else ""
    return Unavailable(f"the server at {address} takes no requests now{reason}: try again later")


def _clean(text: str) -> str:
    """Return the text as one line."""
    return " ".join(text.split()).removesuffix(".")
