"""A Chromium that shows the page of a gateway, with the models that come with the repository."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
MODELS = [path for path in (ROOT / "models" / "ko-en", ROOT / "models" / "de-en") if path.exists()]
VIEWS = [(1280, "light"), (1280, "dark"), (380, "light"), (380, "dark")]
START_SECONDS = 60

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of the page; the variable JUMOK_PAGE names one that is served already."""
    if running := os.environ.get("JUMOK_PAGE"):
        yield running
        return
    with served_page() as page:
        yield page


@contextmanager
def served_page() -> Iterator[str]:
    """Serve the models and the page; the value is the address of the page."""
    jumok = [sys.executable, "-m", "jumok.cli"]
    serve = [*jumok, "serve", *map(str, MODELS), "--listen", "localhost:0"]
    with (
        _started(serve, r"serving.* port=(\d+)") as port,
        _started(
            [*jumok, "web", "--address", f"localhost:{port}", "--listen", "localhost:0"],
            r"(http://\S+:\d+)",
        ) as page,
    ):
        yield page


@contextmanager
def _started(command: list[str], pattern: str) -> Iterator[str]:
    """Run a server; the value is what the first group of `pattern` matches in its output."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "1000"}
    # a file, not a pipe: nobody would read the lines that are logged later
    with (
        tempfile.NamedTemporaryFile() as log,
        subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment) as process,
    ):
        try:
            yield _awaited(process, Path(log.name), pattern)
        finally:
            process.terminate()


def _awaited(process: "subprocess.Popen[bytes]", log: Path, pattern: str) -> str:
    deadline = time.monotonic() + START_SECONDS
    output = ""
    while process.poll() is None and time.monotonic() < deadline:
        output = log.read_text("utf-8")
        if found := re.search(pattern, output):
            return found.group(1)
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{output}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if _chromium() is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with launched() as browser:
        yield browser


@contextmanager
def launched() -> Iterator[Browser]:
    """Run the installed Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


def _chromium() -> str | None:
    return which("chromium") or which("chromium-browser") or which("google-chrome")


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[OpenPage]:
    """Open pages of a width and a colour scheme; the test fails if one reports an error."""
    errors: list[str] = []
    contexts = []

    def opened(
        width: int = 1280,
        scheme: str = "light",
        *,
        fragment: str = "",
        locale: str = "en-US",
        prepare: Callable[[Page], None] | None = None,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: _keep(errors, message.type, message.text))
        if prepare:
            prepare(page)
        page.goto(f"{address}/{fragment}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def _keep(errors: list[str], kind: str, text: str) -> None:
    # a refused request is reported to the user by the page, and to the console by the browser
    if kind == "error" and "Failed to load resource" not in text:
        errors.append(text)


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def page(request: pytest.FixtureRequest, open_page: OpenPage) -> Page:
    """The page, at each width and in each colour scheme."""
    width, scheme = request.param
    return open_page(width, scheme)


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Save a picture of the page if the variable JUMOK_PAGE_SHOTS names a folder."""

    def save(page: Page) -> None:
        if folder := os.environ.get("JUMOK_PAGE_SHOTS"):
            name = re.sub(r"[^\w-]+", "-", request.node.name.removeprefix("test_")).strip("-")
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return save
