"""Files to translate, as in LibreTranslate's API, and their translations, kept to be downloaded."""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Path, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from jumok.client.async_client import AsyncClient
from jumok.client.errors import ClientError
from jumok.client.requests import TextFormat
from jumok.gateway.calls import client_of, unless_disconnected
from jumok.gateway.libretranslate_route import ERRORS, LibreTranslateRoute
from jumok.gateway.problems import FieldError, Problem, invalid

FORMATS: Final[dict[str, TextFormat]] = {".txt": "plain", ".html": "html"}

_KEPT_SECONDS: Final = 20 * 60.0
_KEPT_BYTES: Final = 2**26
_KEPT_FILES: Final = 1000

router: Final = APIRouter(
    tags=["LibreTranslate"], route_class=LibreTranslateRoute, responses=ERRORS
)


@dataclass(frozen=True, slots=True)
class TranslatedFile:
    """A translated file, and when it was made, in seconds of the monotonic clock."""

    name: str
    content: bytes
    made: float


class TranslatedFiles:
    """Translated files in memory, each for some minutes; the oldest make room for new ones."""

    def __init__(self) -> None:
        """Keep none yet."""
        self._files: dict[str, TranslatedFile] = {}

    def keep(self, name: str, content: bytes) -> str:
        """Keep a file; return the key by which it is found."""
        self._drop_old(len(content))
        key = secrets.token_urlsafe(16)
        self._files[key] = TranslatedFile(name, content, time.monotonic())
        return key

    def find(self, key: str) -> TranslatedFile | None:
        """Return a file; None if it is not kept any more."""
        self._drop_old(0)
        return self._files.get(key)

    def _drop_old(self, needed: int) -> None:
        size = needed + sum(len(file.content) for file in self._files.values())
        oldest = time.monotonic() - _KEPT_SECONDS
        for key, file in list(self._files.items()):
            if file.made < oldest or size > _KEPT_BYTES or len(self._files) > _KEPT_FILES:
                size -= len(self._files.pop(key).content)


@router.post("/translate_file")
async def translate_file(
    request: Request,
    file: Annotated[UploadFile, File(description="A text file (.txt) or a page (.html), UTF-8.")],
    source: Annotated[str, Form(description='Language code of the file, or "auto".')],
    target: Annotated[str, Form(description="Language code of the translation.")],
    api_key: Annotated[str, Form(description="An API key of the service.")] = "",
) -> dict[str, Any]:
    """Translate a file; the answer has the address of the translation."""
    path = PurePath(file.filename or "")
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise invalid(FieldError("file", f"its name must end with one of {', '.join(FORMATS)}"))
    try:
        text = (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid(FieldError("file", "it is not UTF-8: save it as UTF-8")) from None
    client = client_of(request, key=api_key)
    source = "" if source == "auto" else source
    translation = _translated(client, text, FORMATS[suffix], source, target)
    content = (await unless_disconnected(request, translation)).encode()
    files: TranslatedFiles = request.app.state.translated_files
    key = files.keep(f"{path.stem}.{target}{suffix}", content)
    return {"translatedFileUrl": str(request.url_for("download_file", key=key))}


@router.get("/download_file/{key}", response_class=Response)
async def download_file(
    request: Request, key: Annotated[str, Path(description="The key in `translatedFileUrl`.")]
) -> Response:
    """Download a translated file, up to 20 minutes after its translation."""
    files: TranslatedFiles = request.app.state.translated_files
    file = files.find(key)
    if file is None:
        raise Problem(HTTPStatus.GONE, "this file is not kept any more: translate it again")
    name = quote(file.name, errors="replace")
    return Response(
        file.content,
        media_type="application/octet-stream",
        # never shown: a page of someone else must not run here
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


async def _translated(
    client: AsyncClient, text: str, text_format: TextFormat, source: str, target: str
) -> str:
    """Translate a file; plain text in parts, as it can be longer than a service accepts."""
    model = await client.get_model(source_language=source, target_language=target)
    most = model.max_text_characters
    parts = list(_parts(text, most)) if text_format == "plain" else [text]
    outcomes = iter(
        await client.translate_batch(
            [part for part in parts if part.strip()],
            source_language=source,
            target_language=target,
            attention="none",
            text_format=text_format,
        )
    )
    translated = []
    for part in parts:
        outcome = next(outcomes) if part.strip() else None
        if isinstance(outcome, ClientError):
            raise outcome
        translated.append(part if outcome is None else outcome.text)
    return "".join(translated)


def _parts(text: str, most: int) -> Iterator[str]:
    """Divide a text at ends of lines into parts of `most` characters or less, if lines allow."""
    part = ""
    for line in text.splitlines(keepends=True):
        if part and len(part) + len(line) > most:
            yield part
            part = ""
        part += line
    if part:
        yield part
