"""The ASGI application."""

import functools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from jumok.client.async_client import AsyncClient
from jumok.client.errors import ClientError
from jumok.gateway import api, libretranslate, translated_files
from jumok.gateway.calls import REQUEST_ID, Disconnected
from jumok.gateway.film_routes import film_routes, no_film_routes
from jumok.gateway.middleware import SECURITY_HEADERS, BodyLimit, CommonHeaders
from jumok.gateway.openapi import openapi
from jumok.gateway.page_files import PageFiles
from jumok.gateway.problems import Problem
from jumok.gateway.training_run import TrainingRun
from jumok.gateway.translated_files import TranslatedFiles
from jumok.pictures.interactive import STANDALONE

MOST_BODY_BYTES: Final = 2**21


@dataclass(frozen=True, slots=True)
class Settings:
    """How requests are handled.

    Attributes:
        cors_origins: origins, such as `https://example.org`, whose pages may use the interface.
        most_body_bytes: the largest body of a request.
    """

    cors_origins: Sequence[str] = ()
    most_body_bytes: int = MOST_BODY_BYTES


def create_application(
    connect: Callable[[], AsyncClient] | None,
    settings: Settings = Settings(),
    run: TrainingRun | None = None,
) -> FastAPI:
    """Create the application.

    Args:
        connect: opens the client of the service; called on the event loop. None to translate
            nothing, and serve the film of `run` alone.
        settings: how requests are handled.
        run: the training whose film is served.
    """

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        if connect is None:
            yield
            return
        async with connect() as client:
            application.state.client = client
            application.state.translated_files = TranslatedFiles()
            yield

    middleware = [Middleware(CommonHeaders)]
    if settings.cors_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type", REQUEST_ID],
                expose_headers=["Retry-After", REQUEST_ID],
            )
        )
    middleware.append(Middleware(BodyLimit, most_bytes=settings.most_body_bytes))
    application = FastAPI(
        lifespan=lifespan,
        docs_url=None,  # these pages load scripts of a third party
        redoc_url=None,
        middleware=middleware,
    )
    vars(application)["openapi"] = functools.partial(openapi, application)
    if connect is not None:
        application.include_router(api.router)
        application.include_router(libretranslate.router)
        application.include_router(translated_files.router)
    if run is not None:
        application.include_router(film_routes(run, alone=connect is None))
    else:
        application.include_router(no_film_routes())
    # else the files of the page, which are mounted at the root, would answer, and POST with 405
    application.add_route("/v1/{rest:path}", _no_route, ["GET", "POST"], include_in_schema=False)
    application.mount("/standalone", PageFiles(STANDALONE))
    application.mount("/", PageFiles())
    for kind in (Problem, ClientError, RequestValidationError, HTTPException):
        application.add_exception_handler(kind, _on_error)
    application.add_exception_handler(Disconnected, _on_disconnected)
    application.add_exception_handler(Exception, _on_bug)
    return application


async def _no_route(request: Request) -> Response:
    raise HTTPException(HTTPStatus.NOT_FOUND)


async def _on_error(request: Request, error: Exception) -> Response:
    return Problem.of(error).response()


async def _on_disconnected(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody receives it


async def _on_bug(request: Request, error: Exception) -> Response:
    """Answer when the gateway itself has failed; Starlette logs the traceback."""
    headers = {**SECURITY_HEADERS, REQUEST_ID: request.state.request_id}  # not added by middleware
    return Problem(500, "the gateway failed: its log has the reason", headers=headers).response()
