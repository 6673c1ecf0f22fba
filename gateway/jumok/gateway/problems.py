"""What clients are told about errors, as problem details (RFC 9457)."""

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from jumok.client.errors import (
    Cancelled,
    ClientError,
    InvalidRequest,
    ModelNotFound,
    NotExplainable,
    Overloaded,
    Timeout,
    Unauthenticated,
    Unavailable,
)
from jumok.client.json_form import to_plain

_MOST_ERRORS: Final = 20  # of one request, so that the response is small
MEDIA_TYPE: Final = "application/problem+json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field of the request that is wrong, as spelt on the wire, and what is wrong with it."""

    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """What is wrong with a request, or went wrong, as in RFC 9457.

    Attributes:
        title: the HTTP status in words.
        status: the HTTP status.
        detail: what is wrong and what to do, in one sentence.
        errors: the fields of the request that are wrong.
    """

    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...]


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - the term of RFC 9457
    """A request that was refused or failed.

    Attributes:
        status: HTTP status.
        detail: what is wrong and what to do, in one sentence.
        errors: the fields that are wrong.
        headers: further headers of the response.
    """

    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: Exception) -> "Problem":
        """Convert what handling a request can raise; raise it again if it is unexpected."""
        match error:
            case Problem():
                return error
            case ClientError():
                return _of_client_error(error)
            case RequestValidationError():
                return invalid(*(_field_error(each) for each in error.errors()[:_MOST_ERRORS]))
            case HTTPException():
                return cls(error.status_code, error.detail, headers=error.headers or {})
            case _:
                raise error

    @property
    def details(self) -> ProblemDetails:
        """The problem as it is sent."""
        title = HTTPStatus(self.status).phrase
        return ProblemDetails(title, self.status, self.detail, self.errors)

    def response(self) -> Response:
        """The response with the details as its body."""
        # ASCII, because a field's name can have half of a surrogate pair
        body = json.dumps(to_plain(self.details))
        return Response(body, self.status, dict(self.headers), media_type=MEDIA_TYPE)


def invalid(*errors: FieldError) -> Problem:
    """Return the problem of a request with wrong fields."""
    first = errors[0]
    detail = f"{first.field}: {first.detail}" if first.field else first.detail
    named = tuple(error for error in errors if error.field)
    return Problem(HTTPStatus.BAD_REQUEST, detail, named)


def unauthenticated(detail: str) -> Problem:
    """Return the problem of a request without a good API key."""
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})


def _of_client_error(error: ClientError) -> Problem:
    match error:
        case InvalidRequest():
            return invalid(FieldError(error.field, error.description or str(error)))
        case Unauthenticated():
            return unauthenticated(
                "the service requires an API key that it knows: send `Authorization: Bearer KEY`"
            )
        case ModelNotFound():
            errors = (FieldError(error.field, str(error)),) if error.field else ()
            return Problem(HTTPStatus.NOT_FOUND, str(error), errors)
        case NotExplainable():
            return Problem(HTTPStatus.CONFLICT, str(error))
        case Overloaded(retry_after=None):
            return Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "the request is larger than the service accepts: send less at once",
            )
        case Overloaded(retry_after=float() | int() as seconds):
            return Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "the service is busy, or a limit of the API key is reached: try again in "
                f"{seconds:.3g} s",
                headers={"Retry-After": str(max(1, math.ceil(seconds)))},
            )
        case _:
            # its message names the address of the service, which only the operator should see
            _log.warning("%s", error)
            return _of_failure(error)


def _of_failure(error: ClientError) -> Problem:
    match error:
        case Unavailable():
            return Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the translation service does not answer: try again later",
            )
        case Cancelled():
            return Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "the call ended before it was complete: try again"
            )
        case Timeout():
            return Problem(
                HTTPStatus.GATEWAY_TIMEOUT,
                "the translation took too long: try again, or send less at once",
            )
        case _:
            return Problem(
                HTTPStatus.BAD_GATEWAY, "the translation service failed: try again later"
            )


def _field_error(error: Mapping[str, Any]) -> FieldError:
    """Convert an error of pydantic; `loc` begins with the part of the request."""
    return FieldError(_path(error["loc"][1:]), _reason(error))


def _path(location: Sequence[str | int]) -> str:
    """Spell the place of a value as google.rpc.BadRequest does: `glossary[0].source`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.removeprefix(".")


def _reason(error: Mapping[str, Any]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "there is no such field"
        case "missing":
            return "this field is required" if len(error["loc"]) > 1 else "a body is required"
        case "json_invalid":
            return "the body is not valid JSON"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            message = str(error["msg"])
            return message[:1].lower() + message[1:]
