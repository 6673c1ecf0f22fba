"""The page is served with tags of its contents."""

import os
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from jumok.gateway.page_files import PageFiles
from jumok.pictures.interactive import STANDALONE
from tests.gateway.conftest import listening


async def test_the_page(http: httpx.AsyncClient) -> None:
    """The page is at the root, its files beside it."""
    page = await http.get("/")

    assert page.headers["content-type"].startswith("text/html")
    assert (await http.get("/icon.svg")).status_code == 200
    assert (await http.get("/no.css")).status_code == 404


async def test_the_template_of_saved_maps(http: httpx.AsyncClient) -> None:
    """The page is served the template that the command line fills."""
    for name in ("page.html", "page.css", "page.js"):
        assert (await http.get(f"/standalone/{name}")).content == (STANDALONE / name).read_bytes()


async def test_ranges_are_answered_in_full(http: httpx.AsyncClient) -> None:
    """A range of a file, as downloads that go on ask for it, gets the whole file."""
    whole = await http.get("/icon.svg")
    part = await http.get("/icon.svg", headers={"Range": "bytes=0-3", "If-Range": '"x"'})

    assert (part.status_code, part.content) == (200, whole.content)
    head = await http.head("/icon.svg")
    assert (head.content, head.headers["content-type"]) == (b"", "image/svg+xml")


@pytest.mark.parametrize("path", ["/../command.py", "/%2e%2e/command.py", "/..%2fcommand.py"])
async def test_other_files_are_not_served(path: str, http: httpx.AsyncClient) -> None:
    """Only the folder of the page is served."""
    assert (await http.get(path)).status_code == 404


async def test_changed_files_are_sent_again(tmp_path: Path) -> None:
    """A file that has not changed is not sent again; one of the same time and size is."""
    index = tmp_path / "index.html"
    index.write_text("one", "utf-8")
    application = FastAPI()
    application.mount("/", PageFiles(tmp_path))
    async with listening(application) as url, httpx.AsyncClient(base_url=url) as http:
        first = await http.get("/")
        again = await http.get("/", headers={"If-None-Match": first.headers["etag"]})
        times = index.stat()
        index.write_text("two", "utf-8")
        os.utime(index, ns=(times.st_atime_ns, times.st_mtime_ns))
        changed = await http.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert again.status_code == 304
    assert changed.text == "two"
