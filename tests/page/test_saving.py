"""What the page shows can be saved and linked to."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.steps import translate

pytestmark = pytest.mark.page

RAIN = "비가 오면 창문을 닫아 주세요"
ENGLISH = "Please close the window when it rains"


def saved(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_the_map_is_saved_as_png(page: Page, tmp_path: Path) -> None:
    """The picture has two pixels for each unit of the figure."""
    translate(page, RAIN, "ko-en")
    content = saved(page, "PNG", tmp_path).read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert width >= 1000 and height >= 500


def test_the_map_is_saved_as_svg_with_text(page: Page, tmp_path: Path) -> None:
    """Words, the caption and the fingerprint are text."""
    translate(page, RAIN, "ko-en")
    figure = ElementTree.parse(saved(page, "SVG", tmp_path)).getroot()
    texts = [node.text or "" for node in figure.iter("{http://www.w3.org/2000/svg}text")]
    assert {RAIN, ENGLISH, "창문을", "window"} <= set(texts)
    assert any(text.startswith("ko-en") and len(text) > 20 for text in texts)


def test_the_data_are_saved_as_json(page: Page, tmp_path: Path) -> None:
    """The file has the tokens with their attention, and says which model made them."""
    translate(page, RAIN, "ko-en")
    content = json.loads(saved(page, "JSON", tmp_path).read_text("utf-8"))
    assert content["text"] == RAIN
    assert content["translation"] == ENGLISH
    assert content["model"] == "ko-en" and len(content["model_fingerprint"]) == 64
    assert sum(content["tokens"][0]["attention"]) == pytest.approx(1, abs=1e-3)


def test_the_saved_page_works_without_a_network(
    open_page: Callable[..., Page], chromium: Browser, tmp_path: Path
) -> None:
    """It highlights words, switches to tokens, and asks for nothing."""
    text = "비가 오면 {{title}} </script> 창문을 닫아 주세요 $&"
    page = open_page()
    translate(page, text, "ko-en")
    path = saved(page, "Interactive page", tmp_path)
    context = chromium.new_context(offline=True)
    requests: list[str] = []
    alone = context.new_page()
    alone.on("request", lambda request: requests.append(request.url))
    alone.goto(path.as_uri())
    expect(alone.locator("dd").first).to_have_text(text)
    expect(alone.get_by_role("columnheader", name="end of the sentence")).to_be_visible()
    alone.locator("td[data-row='1'][data-column='3']").hover()
    expect(alone.locator(".reading")).to_contain_text("of its attention to “닫아”")
    expect(alone.locator("thead th.on")).to_have_text("닫아")
    alone.get_by_role("button", name="Tokens").click()
    expect(alone.get_by_role("columnheader", name="▁창문")).to_be_visible()
    assert requests == [path.as_uri()]
    context.close()


def test_the_saved_page_begins_as_the_page_was(
    open_page: Callable[..., Page], chromium: Browser, tmp_path: Path
) -> None:
    """It has the language of the page, and shows tokens first if the page showed pieces."""
    page = open_page(locale="ko-KR")
    page.get_by_role("button", name="English").click()
    translate(page, RAIN, "ko-en")
    page.get_by_role("button", name="Pieces").click()
    path = saved(page, "Interactive page", tmp_path)
    context = chromium.new_context(offline=True, locale="ko-KR")
    alone = context.new_page()
    alone.goto(path.as_uri())
    expect(alone.locator("html")).to_have_attribute("lang", "en")
    expect(alone.get_by_role("button", name="Tokens")).to_have_attribute("aria-pressed", "true")
    assert alone.title() == ENGLISH
    context.close()


def test_a_page_that_cannot_be_saved_is_explained(open_page: Callable[..., Page]) -> None:
    """The files of the saved page come from the server; without it, the page says so."""
    page = open_page()
    translate(page, RAIN, "ko-en")
    page.context.set_offline(True)
    page.get_by_role("button", name="Interactive page").click()
    expect(page.locator(".save [role=status]")).to_contain_text("The server cannot be reached.")


def test_a_link_restores_text_and_options(open_page: Callable[..., Page]) -> None:
    """Another browser that opens the link shows the same."""
    page = open_page()
    translate(page, RAIN, "ko-en")
    page.get_by_role("button", name="Pieces").click()
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_url("**/#*")
    fragment = urlparse(page.url).fragment
    assert parse_qs(fragment)["text"] == [RAIN]
    other = open_page(380, "dark", fragment=f"#{fragment}")
    columns = other.locator("#panel-attention .heat-columns .heat-label")
    expect(columns.nth(2)).to_have_text("▁창문")


def test_choices_are_kept(open_page: Callable[..., Page]) -> None:
    """A reloaded page has the same text, theme and unit."""
    page = open_page()
    translate(page, RAIN, "ko-en")
    page.get_by_role("button", name="Pieces").click()
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("button", name="Theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Pieces")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#output")).to_have_text(ENGLISH)


def test_the_page_works_without_storage(open_page: Callable[..., Page]) -> None:
    """A browser that refuses localStorage translates all the same."""
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused') }})"
    page = open_page(prepare=lambda page: page.add_init_script(refuse))
    translate(page, RAIN, "ko-en")
    expect(page.locator("#output")).to_have_text(ENGLISH)
