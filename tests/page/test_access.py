"""The page can be used with a keyboard, a screen reader, and in two languages."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.page.steps import show, translate

pytestmark = pytest.mark.page
Shot = Callable[[Page], None]

RAIN = "비가 오면 창문을 닫아 주세요"


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]


def test_axe_finds_no_violations(page: Page) -> None:
    """Each tab, and the box of alternatives, follows the rules that axe-core checks."""
    assert violations(page) == []
    translate(page, RAIN, "ko-en")
    assert violations(page) == []
    panel = show(page, "Search tree")
    expect(panel.locator(".tree-score").first).to_be_visible()
    assert violations(page) == []
    panel = show(page, "Your translation")
    panel.get_by_label("Your translation", exact=True).fill("Shut the window")
    panel.get_by_role("button", name="Check").click()
    panel.locator(".links-target .word").first.click()
    expect(panel.locator(".candidates")).to_be_visible()
    assert violations(page) == []
    panel = show(page, "Compare")
    expect(panel.locator(".link").first).to_be_attached()
    assert violations(page) == []
    show(page, "Explain")
    assert violations(page) == []
    show(page, "Attention")
    page.locator("#output .word").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_nothing_is_wider_than_the_window(page: Page) -> None:
    """The page does not scroll sideways, in any tab."""
    translate(page, "Ich habe das Buch gestern gelesen, weil es draußen regnete.", "de-en")
    for tab in ("Attention", "Search tree", "Your translation", "Compare", "Explain"):
        show(page, tab)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab


def test_the_map_is_operated_by_keys(page: Page) -> None:
    """Arrow keys move over the cells, Enter opens the alternatives, Escape returns to the map."""
    translate(page, RAIN, "ko-en")
    cells = page.locator("#panel-attention .heat-cells")
    cells.focus()
    reading = page.locator("#panel-attention .reading")
    expect(reading).to_contain_text("“Please”")
    cells.press("ArrowDown")
    cells.press("ArrowRight")
    expect(reading).to_have_text(re.compile("“close” pays .* “오면”"))
    cells.press("Enter")
    box = page.get_by_role("dialog", name="Alternatives to “close”")
    expect(box.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(cells).to_be_focused()


def test_alternatives_are_chosen_by_keys(page: Page) -> None:
    """From a word, Enter, Arrow down and Enter rewrite the translation."""
    translate(page, RAIN, "ko-en")
    words = page.locator("#output .word")
    words.first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(words.nth(3)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".alternative").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(words.nth(3)).to_have_text("windows")


def test_tabs_are_changed_by_arrow_keys(page: Page) -> None:
    """The tabs are one tab stop; arrow keys choose among them."""
    page.get_by_role("tab", name="Attention").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Search tree")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel", name="Search tree")).to_be_visible()


def test_the_map_is_a_table_too(page: Page, shot: Shot) -> None:
    """The table has the same rows and columns, with percentages."""
    translate(page, RAIN, "ko-en")
    page.get_by_text("Show as a table").first.click()
    table = page.get_by_role("table", name="Attention of each word")
    expect(table.get_by_role("columnheader")).to_have_text([*RAIN.split(), "end"])
    row = table.get_by_role("row", name=re.compile("^window"))
    expect(row.get_by_role("cell").nth(2)).to_have_text(re.compile(r"^9\d%$"))
    shot(page)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (380, "dark")])
def test_the_interface_is_korean_for_koreans(
    open_page: Callable[..., Page], shot: Shot, width: int, scheme: str
) -> None:
    """The browser's language is used at first; the button changes it."""
    page = open_page(width, scheme, locale="ko-KR")
    page.get_by_role("button", name=RAIN).click()
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    expect(page.get_by_role("tab", name="주목")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    shot(page)
    page.get_by_role("button", name="Show in English").click()
    expect(page.get_by_role("tab", name="Attention")).to_be_visible()
    expect(page.locator("#panel-attention .heat-columns .heat-label").last).to_have_text("end")


def test_both_languages_have_the_same_words(open_page: Callable[..., Page]) -> None:
    """No text is missing in either language, and the same values are put into it."""
    page = open_page()
    names = page.evaluate(
        """async () => {
          const strings = await Promise.all(
            ["en", "ko"].map((name) => import(`/js/strings/${name}.js`)),
          );
          return strings.map(({ default: texts }) =>
            Object.entries(texts)
              .map(([key, text]) => [key, (text.match(/{\\w+}/g) ?? []).sort()])
              .sort(),
          );
        }"""
    )
    assert names[0] == names[1]
