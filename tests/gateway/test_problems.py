"""Errors as problem details."""

import json

import pytest

from jumok.client import errors
from jumok.gateway.problems import Problem


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (errors.InvalidRequest("text: bad", field="text", description="bad"), 400, None),
        (errors.Unauthenticated("x:1 refused"), 401, ("www-authenticate", "Bearer")),
        (errors.ModelNotFound("no model"), 404, None),
        (errors.NotExplainable("ko-en cannot explain"), 409, None),
        (errors.Overloaded("too large at x:1"), 413, None),
        (errors.Overloaded("busy at x:1", retry_after=1.2), 429, ("retry-after", "2")),
        (errors.Overloaded("busy at x:1", retry_after=0.01), 429, ("retry-after", "1")),
        (errors.ServerError("x:1 failed"), 502, None),
        (errors.Unavailable("x:1 is away"), 503, None),
        (errors.Cancelled("x:1 gave up"), 503, None),
        (errors.Timeout("x:1 is slow"), 504, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_statuses(error: errors.ClientError, status: int, header: tuple[str, str] | None) -> None:
    """Each error has its status, and none tells the address of the service."""
    response = Problem.of(error).response()

    details = json.loads(bytes(response.body))
    assert response.status_code == details["status"] == status
    assert "x:1" not in details["detail"]
    if header:
        assert response.headers[header[0]] == header[1]


def test_field_is_listed() -> None:
    """The field of a wrong request is listed with the reason."""
    error = errors.InvalidRequest("text: bad", field="text", description="bad")

    details = json.loads(bytes(Problem.of(error).response().body))

    assert details["errors"] == [{"field": "text", "detail": "bad"}]
    assert details["detail"] == "text: bad"


def test_bugs_are_raised_again() -> None:
    """An unexpected error is not turned into a problem."""
    with pytest.raises(ZeroDivisionError):
        Problem.of(ZeroDivisionError())
