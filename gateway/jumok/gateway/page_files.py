"""The files of the page."""

import hashlib
import mimetypes
import os
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

PAGE: Final = Path(__file__).with_name("page")


class PageFiles(StaticFiles):
    """Serves a folder; browsers ask each time whether a file has changed.

    Tags are digests of the contents, because installed files of different versions can have equal
    times and sizes.
    """

    def __init__(self, folder: Path = PAGE) -> None:
        """Serve `folder`, its index.html for `/`."""
        super().__init__(directory=folder, html=True)

    def file_response(
        self,
        full_path: "os.PathLike[str] | str",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with a file, or that it has not changed."""
        content = Path(full_path).read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"etag": tag, "cache-control": "no-cache"}
        if tag in Headers(scope=scope).get("if-none-match", ""):
            return NotModifiedResponse(Headers(headers))
        # in full: the files are small, and ranges of a FileResponse need its time of modification
        media_type = mimetypes.guess_type(full_path)[0] or "application/octet-stream"
        return Response(content, status_code, headers, media_type)
