"""The OpenAPI description, whose texts are the comments of the .proto."""

import importlib.metadata
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from jumok.gateway.problems import MEDIA_TYPE
from jumok.gateway.wire_comments import wire_comments

_INTRODUCTION: Final = """\
Translation whose every token arrives with the attention that produced it.

Names are those of the gRPC service. Offsets count Unicode code points from 0, ends are exclusive,
times are seconds, probabilities are natural logarithms. Errors are problem details (RFC 9457); the
paths of LibreTranslate's API answer errors as LibreTranslate does."""

# Components that are called otherwise than the message that they are.
_MESSAGES: Final = {
    "Aligned": "AlignResponse",
    "BatchTranslation": "Translation",
    "Explained": "ExplainResponse",
    "ProtectedSpan": "Span",
    "TranslationWarning": "Warning",
}
# Descriptions of what is different in JSON, or not on the wire.
_DESCRIPTIONS: Final = {
    "Body_translate_file_translate_file_post": "A file to translate.",
    "Aligned.source_text": "The source text, as given.",
    "Aligned.text": "Its translation, as given.",
    "Aligned.rule": 'The rule that gave `alignment`: "writes", "reads" or "posterior".',
    "Explained.source_text": "The source text, as given.",
    "Model.alignment_rule": "The default of `AlignRequest.rule`, chosen at export by gold links if "
    'there are any: "writes", "reads" or "posterior".',
    "BatchItem.translation": "The translation; null if there is none.",
    "BatchItem.failure": "The reason why there is no translation; null if there is one.",
    "TranslateResponse": "The messages of a stream in one object.",
    "TranslateResponse.source": "The tokens of the text.",
    "TranslateResponse.tokens": "The tokens of the first hypothesis, which are not repeated in "
    "`result`.",
    "TranslateResponse.result": "The complete translation.",
    "ProblemDetails": "What is wrong with a request, or went wrong (RFC 9457).",
    "ProblemDetails.title": "The HTTP status in words.",
    "ProblemDetails.status": "The HTTP status.",
    "ProblemDetails.detail": "What is wrong and what to do, in one sentence.",
    "ProblemDetails.errors": "The fields of the request that are wrong.",
    "FieldError": "A field of the request that is wrong.",
    "FieldError.field": "Its name, as in `decoding.beam_search.width` or `glossary[0].source`.",
    "FieldError.detail": "What is wrong with it.",
}
_SECURITY: Final = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of the service, if it requires one.",
    }
}


def openapi(application: FastAPI) -> dict[str, Any]:
    """Return the description of an application, made when it is first asked for."""
    if application.openapi_schema is None:
        schema = get_openapi(
            title="jumok",
            version=importlib.metadata.version("jumok"),
            description=_INTRODUCTION,
            routes=application.routes,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        )
        for name, component in schema["components"]["schemas"].items():
            _describe(_MESSAGES.get(name, name), name, component)
        for path in schema["paths"].values():
            for operation in path.values():
                _set_problem_type(operation["responses"])
                for parameter in operation.get("parameters", ()):
                    text = _text(f"TranslateRequest.{parameter['name']}")
                    parameter.setdefault("description", text)
        schema["components"]["securitySchemes"] = _SECURITY
        schema["security"] = [{"apiKey": []}, {}]
        application.openapi_schema = schema
    return application.openapi_schema


def _set_problem_type(responses: dict[str, Any]) -> None:
    """Give problem details their media type, which FastAPI cannot."""
    for response in responses.values():
        content = response.get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        if reference.endswith("/ProblemDetails"):
            content[MEDIA_TYPE] = content.pop("application/json")


def _describe(message: str, name: str, component: dict[str, Any]) -> None:
    """Add the descriptions of a component and its properties."""
    component["description"] = _text(name, message) or component.get("description", "")
    for field, schema in component.get("properties", {}).items():
        text = _text(f"{name}.{field}", f"{message}.{field}") or schema.get("description", "")
        for value in schema.get("enum", ()):
            if meaning := _enum_value(value):
                text += f"\n- `{value}`: {meaning}"
        schema["description"] = text


def _text(*names: str) -> str:
    comments = wire_comments()
    found = (_DESCRIPTIONS.get(name) or comments.get(name) for name in names)
    return next(filter(None, found), "")


def _enum_value(value: str) -> str:
    """Return the comment of a value of an enum; values begin with the name of their enum."""
    ending = f".{value}"
    return next((text for name, text in wire_comments().items() if name.endswith(ending)), "")
