"""Run as `python -m tests.page.pictures`: takes the pictures of the page in docs/images."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Page, expect

from tests.page.conftest import ROOT, launched, served_page
from tests.page.steps import show, translate

_RAIN = "비가 오면 창문을 닫아 주세요"
_PEAR = "이 배는 정말 달아요."  # 배 is a ship, a pear or the stomach; this one is sweet


def _attention(page: Page) -> str:
    translate(page, _RAIN, "ko-en")
    page.locator(".links-target .word").nth(4).hover()
    return "#panel-attention .legend"


def _tree(page: Page) -> str:
    translate(page, _RAIN, "ko-en")
    show(page, "Search tree")
    expect(page.locator("svg.tree")).to_be_visible()
    return ".tree-scroller + .faint"


def _alternatives(page: Page) -> str:
    translate(page, _PEAR, "ko-en")
    page.locator("#output .word", has_text="ship").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    return "#panel-attention .legend"


def _what_if(page: Page) -> str:
    _alternatives(page)
    page.get_by_role("dialog").get_by_role("button", name="pear").click()
    expect(page.locator("#output .word", has_text="pear")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    return "#panel-attention .legend"


_PICTURES = {
    "page-attention": _attention,
    "page-tree": _tree,
    "page-alternatives": _alternatives,
    "page-what-if": _what_if,
}


def main(
    folder: Annotated[Path, typer.Argument(help="Folder to write to.")] = ROOT / "docs" / "images",
) -> None:
    """Take each picture, down to the element that its function names."""
    with served_page() as address, _pages(address) as pages:
        for name, prepare in _PICTURES.items():
            page = next(pages)
            last = page.locator(prepare(page)).bounding_box()
            assert last is not None
            clip = {"x": 0, "y": 0, "width": 1280, "height": last["y"] + last["height"] + 20}
            path = folder / f"{name}.png"
            page.screenshot(path=path, clip=clip, animations="disabled")  # type: ignore[arg-type]
            typer.echo(path)


@contextmanager
def _pages(address: str) -> Iterator[Iterator[Page]]:
    with launched() as browser:

        def pages() -> Iterator[Page]:
            while True:
                page = browser.new_page(
                    viewport={"width": 1280, "height": 1150},
                    color_scheme="light",
                    locale="en-US",
                    reduced_motion="reduce",
                )
                page.goto(address)
                yield page

        yield pages()


if __name__ == "__main__":
    typer.run(main)
