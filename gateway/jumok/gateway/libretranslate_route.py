"""Errors in LibreTranslate's form."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jumok.client.errors import ClientError
from jumok.gateway.problems import Problem

# LibreTranslate answers otherwise than HTTP suggests.
_STATUSES: Final = {
    HTTPStatus.UNAUTHORIZED: HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND: HTTPStatus.BAD_REQUEST,  # a language that no model has
}


class LibreTranslateError(BaseModel):
    """A request was refused, or failed."""

    error: str = Field(description="What is wrong and what to do, in one sentence.")


ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"model": LibreTranslateError, "description": "The request was refused, or failed."}
}
"""The responses that each route has."""


class LibreTranslateRoute(APIRoute):
    """A route that answers errors as `{"error": "…"}`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of FastAPI, with other errors."""
        handle = super().get_route_handler()

        async def handle_with_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except HTTPException as error:
                return JSONResponse({"error": error.detail}, error.status_code)
            except (ClientError, Problem, RequestValidationError) as error:
                problem = Problem.of(error)
                status = _STATUSES.get(HTTPStatus(problem.status), problem.status)
                detail = problem.detail.replace("source_language:", "source:")
                return JSONResponse({"error": detail}, status, dict(problem.headers))

        return handle_with_errors
