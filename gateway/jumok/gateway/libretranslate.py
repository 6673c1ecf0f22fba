"""LibreTranslate's API, for its many clients."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import parse_qs

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from starlette.requests import Request

from jumok.client.async_client import AsyncClient
from jumok.client.decoding import BeamSearch, DecodingOptions
from jumok.client.errors import ClientError
from jumok.client.events import ServingStatus
from jumok.client.requests import TextFormat
from jumok.client.translation import Translation
from jumok.gateway.calls import client_of, unless_disconnected
from jumok.gateway.languages import language_name, languages
from jumok.gateway.libretranslate_route import ERRORS, LibreTranslateRoute
from jumok.gateway.problems import Problem
from jumok.gateway.translated_files import FORMATS

AUTO: Final = "auto"

_FORMATS: Final[dict[str, TextFormat]] = {"text": "plain", "html": "html"}
_WIDTH: Final = 5  # of a beam, unless more alternatives are asked for
_MOST_ALTERNATIVES: Final = 15

Language = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class TextToTranslate(BaseModel):
    """What to translate."""

    # fail_fast: a million wrong elements would be a million errors, which take seconds
    q: (
        Annotated[str, Field(min_length=1)]
        | Annotated[list[str], Field(min_length=1, fail_fast=True)]
    ) = Field(description="The text, or several.", examples=["나는 학생입니다"])
    source: Language = Field(
        description='Language code of the text; "auto" for that of the model for `target`.',
        examples=["ko"],
    )
    target: Language = Field(description="Language code of the translation.", examples=["en"])
    format: Literal["text", "html"] = Field("text", description="How the text is marked up.")
    alternatives: int = Field(
        0, ge=0, le=_MOST_ALTERNATIVES, description="How many other translations to return."
    )
    api_key: str = Field("", description="An API key of the service, if it requires one.")


class TranslatedText(BaseModel):
    """A translation; with several texts, each field is an array with an element for each."""

    translatedText: str | list[str] = Field(description="The translation.")  # noqa: N815
    detectedLanguage: dict[str, Any] | list[dict[str, Any]] | None = Field(  # noqa: N815
        None, description="With `auto`: the language, and the confidence in it, 0 to 100."
    )
    alternatives: list[str] | list[list[str]] | None = Field(
        None, description="With `alternatives`: other translations, best first."
    )


_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": TextToTranslate.model_json_schema()}
            for media_type in ("application/json", "application/x-www-form-urlencoded")
        },
    }
}
router: Final = APIRouter(
    tags=["LibreTranslate"], route_class=LibreTranslateRoute, responses=ERRORS
)


@router.post(
    "/translate",
    openapi_extra=_BODY,
    response_model=TranslatedText,
    response_model_exclude_unset=True,
)
async def translate(request: Request) -> dict[str, Any]:
    """Translate one text or several, from JSON or a form."""
    asked = await _asked(request)
    client = client_of(request, key=asked.api_key)
    texts = [asked.q] if isinstance(asked.q, str) else asked.q
    outcomes = await unless_disconnected(request, _translations(client, texts, asked))
    answer: dict[str, list[Any]] = {
        "translatedText": [
            text if outcome is None else outcome.text
            for text, outcome in zip(texts, outcomes, strict=True)
        ]
    }
    if asked.source == AUTO:
        language = await unless_disconnected(request, _language(client, outcomes))
        answer["detectedLanguage"] = [language] * len(texts)
    if asked.alternatives:
        answer["alternatives"] = [
            [] if outcome is None else [each.text for each in outcome.result.hypotheses[1:]]
            for outcome in outcomes
        ]
    single = isinstance(asked.q, str)
    return {name: values[0] if single else values for name, values in answer.items()}


@router.get("/languages")
async def list_languages(request: Request) -> list[dict[str, Any]]:
    """List the languages, each with those that it can be translated to."""
    return languages(await unless_disconnected(request, client_of(request).list_models()))


@router.get("/frontend/settings")
async def frontend_settings(request: Request) -> dict[str, Any]:
    """Describe what is offered, as LibreTranslate's own page asks for it."""
    models = await unless_disconnected(request, client_of(request).list_models())
    default = models[0]
    return {
        "apiKeys": False,
        "charLimit": min(model.max_text_characters for model in models),
        "filesTranslation": True,
        "frontendTimeout": 500,
        "keyRequired": False,
        "language": {
            "source": {"code": AUTO, "name": "Auto Detect"},
            "target": {
                "code": default.target_language,
                "name": language_name(default.target_language),
            },
        },
        "suggestions": False,
        "supportedFilesFormat": list(FORMATS),
    }


@router.get("/health")
async def health(request: Request) -> dict[str, str]:
    """Tell whether translations can be made."""
    if await unless_disconnected(request, client_of(request).health()) != ServingStatus.SERVING:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the service is not serving: try again later")
    return {"status": "ok"}


async def _asked(request: Request) -> TextToTranslate:
    """Read a request, which is JSON or a form, and may have a query string."""
    fields: dict[str, Any] = dict(request.query_params)
    match request.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "application/json":
            fields |= _json_object(await request.body())
        case "multipart/form-data":
            async with request.form() as form:
                fields |= _single({name: form.getlist(name) for name in form})
        case _:
            # not `form()`, which takes what is not percent-encoded for Latin-1
            body = (await request.body()).decode(errors="replace")
            fields |= _single(parse_qs(body, keep_blank_values=True))
    try:
        return TextToTranslate.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(
            [{**each, "loc": ("body", each["loc"][0])} for each in error.errors()]
        ) from None


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is not valid JSON") from None
    if not isinstance(fields, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    return fields


def _single(form: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return the fields of a form: one value, or a list if a field is given several times."""
    return {name: values[0] if len(values) == 1 else values for name, values in form.items()}


async def _translations(
    client: AsyncClient, texts: list[str], asked: TextToTranslate
) -> list[Translation | None]:
    """Translate each of `texts`; None for one without a visible character.

    Raises:
        ClientError: one of them was not translated.
    """
    visible = [text for text in texts if text.strip()]
    width = max(_WIDTH, asked.alternatives + 1)
    beam = BeamSearch(width=width, num_hypotheses=asked.alternatives + 1)
    outcomes = await client.translate_batch(
        visible,
        source_language="" if asked.source == AUTO else asked.source,
        target_language=asked.target,
        decoding=DecodingOptions(beam_search=beam) if asked.alternatives else None,
        attention="none",
        text_format=_FORMATS[asked.format],
    )
    for outcome in outcomes:
        if isinstance(outcome, ClientError):
            raise outcome
    translated = iter(cast("list[Translation]", outcomes))
    return [next(translated) if text.strip() else None for text in texts]


async def _language(
    client: AsyncClient, outcomes: list[Translation | None]
) -> dict[str, Any] | None:
    """Return the language that the texts were taken for.

    It is that of the model, which only the target language has chosen; so the confidence is 0.
    """
    used = {outcome.result.model for outcome in outcomes if outcome is not None}
    for model in await client.list_models():
        if model.name in used:
            return {"language": model.source_language, "confidence": 0.0}
    return None
