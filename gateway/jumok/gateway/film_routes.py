"""The routes of the page that plays a training."""

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from jumok.gateway.training_run import TrainingRun

FILM: Final = "film/"
"""The path of the page below the URL of the server."""


def film_routes(run: TrainingRun, *, alone: bool) -> APIRouter:
    """Make the routes.

    Args:
        run: the training.
        alone: whether the film is all there is, so that `/` leads to it.
    """
    router = APIRouter(include_in_schema=False)

    # not async: reading the files blocks, so this runs in a thread
    @router.get("/v1/run")
    def content(request: Request) -> Response:
        headers = {"etag": run.tag(), "cache-control": "no-cache"}
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return JSONResponse(run.content(), headers=headers)

    # the page for translating asks only whether there is a run
    @router.head("/v1/run")
    def exists() -> Response:
        return Response()

    if alone:

        @router.get("/")
        def start() -> Response:
            return RedirectResponse(FILM)

    return router


def no_film_routes() -> APIRouter:
    """Make the route that tells the page that there is no run.

    404 would be an error in the console of the browser.
    """
    router = APIRouter(include_in_schema=False)

    @router.head("/v1/run")
    def exists() -> Response:
        return Response(status_code=204)

    return router
