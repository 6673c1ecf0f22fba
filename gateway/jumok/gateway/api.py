"""The calls of the service as JSON and server-sent events, under /v1."""

import asyncio
import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from jumok.client.aligned import Aligned
from jumok.client.explained import Explained
from jumok.client.json_form import to_plain
from jumok.gateway.calls import client_of, unless_disconnected
from jumok.gateway.event_stream import event_stream
from jumok.gateway.problems import ProblemDetails
from jumok.gateway.requests import (
    AlignRequest,
    ExplainRequest,
    TranslateBatchRequest,
    TranslateQuery,
    TranslateRequest,
)
from jumok.gateway.responses import (
    BatchItem,
    ListModelsResponse,
    TranslateBatchResponse,
    TranslateResponse,
)

_EVENTS: Final = "text/event-stream"
_STREAM: Final = {
    # of each event
    "schema": {
        "type": "object",
        "properties": {
            "event": {"type": "string", "enum": ["source", "tokens", "result", "error"]},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
        "required": ["event", "data"],
    },
    "example": 'event: tokens\ndata: {"tokens":[{"piece":"▁I","text":"I",…}],"provisional":[]}\n\n',
}
_STREAM_RESPONSE: Final = (
    "Server-sent events: one `source`, any number of `tokens`, and one `result`; or `error` with "
    "problem details, after which the stream ends. The data of each is a message as JSON."
)
_PROBLEM: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"model": ProblemDetails, "description": "The request was refused, or failed."}
}

router: Final = APIRouter(prefix="/v1", tags=["jumok"], responses=_PROBLEM)


@router.post(
    "/translate",
    response_model=TranslateResponse,
    responses={200: {"description": _STREAM_RESPONSE, "content": {_EVENTS: _STREAM}}},
)
async def translate(request: Request, body: TranslateRequest) -> Response:
    """Translate a text: in one object, or as a stream of server-sent events."""
    client = client_of(request)
    if body.stream or _EVENTS in request.headers.get("accept", ""):
        return await event_stream(request, client.translate(**body.arguments))
    translation = await unless_disconnected(request, client.translate_text(**body.arguments))
    return _json(TranslateResponse.of(translation))


@router.get(
    "/translate",
    response_class=Response,
    responses={200: {"description": _STREAM_RESPONSE, "content": {_EVENTS: _STREAM}}},
)
async def translate_query(request: Request, query: Annotated[TranslateQuery, Query()]) -> Response:
    """Translate a short text as a stream, for `EventSource`, which makes only GET requests."""
    return await event_stream(request, client_of(request).translate(**query.arguments))


@router.post("/translate/batch", response_model=TranslateBatchResponse)
async def translate_batch(request: Request, body: TranslateBatchRequest) -> Response:
    """Translate many texts; the failure of one does not affect the others."""
    batch = client_of(request).translate_batch(**body.arguments)
    outcomes = await unless_disconnected(request, batch)
    return _json(TranslateBatchResponse(tuple(map(BatchItem.of, outcomes))))


@router.post("/align", response_model=Aligned)
async def align(request: Request, body: AlignRequest) -> Response:
    """Align a translation with its source, and score it."""
    call = client_of(request).align(**body.arguments)
    return _json(await unless_disconnected(request, call))


@router.post("/explain", response_model=Explained)
async def explain(request: Request, body: ExplainRequest) -> Response:
    """Explain how a token of a translation was chosen, with the numbers of each stage."""
    call = client_of(request).explain(**body.arguments)
    # in a thread, because there can be a hundred thousand numbers
    return await asyncio.to_thread(_json, await unless_disconnected(request, call))


@router.get("/models", response_model=ListModelsResponse)
async def models(request: Request) -> Response:
    """List the models, the default one first."""
    listed = await unless_disconnected(request, client_of(request).list_models())
    return _json(ListModelsResponse(tuple(listed)))


def _json(value: object) -> Response:
    content = json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))
    return Response(content, media_type="application/json")
