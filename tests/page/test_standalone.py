"""The page that `jumok translate --heatmap map.html` writes, in a browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jumok.pictures.attention_map import AttentionMap
from jumok.pictures.interactive import Caption, View, interactive_page
from tests.page.test_access import violations

pytestmark = pytest.mark.page

WORDS = AttentionMap(
    ("나는", "학생입니다", "</s>"), ("I", "am"), ((0.9, 0.06, 0.04), (0.2, 0.7, 0.1))
)
PIECES = AttentionMap(("나", "는", "</s>"), ("I",), ((0.8, 0.1, 0.1),))
CAPTION = Caption("나는 학생입니다", "I am", "ko-en", "0123abcd")
Show = Callable[..., Page]


@pytest.fixture
def show(chromium: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open a page from the disk, without a network; the test fails if it reports an error."""
    troubles: list[str] = []
    contexts = []

    def shown(page_text: str, width: int = 1000, locale: str = "en-US") -> Page:
        path = tmp_path / "map.html"
        path.write_text(page_text, "utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            locale=locale,
            offline=True,
            color_scheme="light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda request: troubles.append(request.url))
        page.goto(path.as_uri())
        assert troubles == [path.as_uri()]
        troubles.clear()
        return page

    yield shown
    for context in contexts:
        context.close()
    assert troubles == []


def test_both_sides_of_a_cell_are_marked(show: Show) -> None:
    """Pointing at a cell marks its two words and says the weight."""
    page = show(interactive_page([View("words", WORDS)], CAPTION))
    page.hover("td[data-row='1'][data-column='1']")

    expect(page.locator("th.on")).to_have_text(["학생입니다", "am"])
    expect(page.locator(".reading")).to_have_text("“am” gives 70% of its attention to “학생입니다”")


def test_a_word_colours_the_other_side(show: Show) -> None:
    """Pointing at a word of the translation colours the source by its attention."""
    page = show(interactive_page([View("words", WORDS)], CAPTION))
    page.hover("tbody th[data-row='0']")

    heads = page.locator("thead th.tinted")
    expect(heads).to_have_count(3)
    assert heads.first.evaluate("node => node.style.getPropertyValue('--weight')") == "0.9"


def test_keys_move_through_the_cells(show: Show) -> None:
    """The map is one stop of the Tab key, and arrow keys move in it."""
    page = show(interactive_page([View("words", WORDS)], CAPTION))
    page.get_by_role("button", name="Dark").focus()
    page.keyboard.press("Tab")
    expect(page.locator("td:focus")).to_have_attribute("data-row", "0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")

    expect(page.locator("td:focus")).to_have_text("10%")
    expect(page.locator("th.on")).to_have_text(["</s>", "am"])


def test_numbers_units_and_theme(show: Show) -> None:
    """Numbers are shown on demand; tokens and the other theme are one click away."""
    page = show(interactive_page([View("words", WORDS), View("tokens", PIECES)], CAPTION))
    number = page.locator("td span").first
    expect(number).to_have_css("opacity", "0")
    page.get_by_role("button", name="Numbers").click()
    expect(number).to_have_css("opacity", "1")
    page.get_by_role("button", name="Tokens").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    light = page.locator("body").evaluate("node => getComputedStyle(node).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    dark = page.locator("body").evaluate("node => getComputedStyle(node).backgroundColor")
    assert light != dark


def test_screen_readers_get_a_table(show: Show) -> None:
    """The map is a table whose cells have their numbers, even while these are not shown."""
    page = show(interactive_page([View("words", WORDS)], CAPTION))

    expect(page.get_by_role("table", name="Attention in percent")).to_be_visible()
    expect(page.get_by_role("columnheader", name="end of the sentence")).to_be_visible()
    expect(page.get_by_role("rowheader", name="am")).to_be_visible()
    expect(page.get_by_role("cell", name="90%")).to_be_visible()
    for _ in range(2):  # in each theme
        assert violations(page) == []
        page.get_by_role("button", name=re.compile("Dark|Light")).click()


def test_markup_in_a_translation_is_shown_as_text(show: Show) -> None:
    """Script and tags are neither run nor interpreted."""
    text = "</script><script>alert(1)</script><b>x</b><img src=x onerror=alert(2)>"
    given = AttentionMap((text, "</s>"), (text,), ((0.5, 0.5),))
    page = show(interactive_page([View("words", given)], Caption(text, text, "m", "f")))

    expect(page.locator("dd.target")).to_have_text(text)
    assert page.title() == text
    assert page.locator("main b, main img, main script").count() == 0


@pytest.mark.parametrize("width", [1000, 380])
def test_right_to_left_source(show: Show, width: int) -> None:
    """Columns of a source that is read from right to left begin at the right."""
    given = AttentionMap(("مرحبا", "بالعالم", "</s>"), ("Hello",), ((0.9, 0.05, 0.05),))
    page = show(interactive_page([View("words", given)], CAPTION), width)
    first, last = page.locator("thead th").first, page.locator("thead th").last

    assert first.bounding_box()["x"] > last.bounding_box()["x"]  # type: ignore[index]
    page.locator("tbody td").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("td:focus")).to_have_attribute("data-column", "1")


def test_long_labels_are_turned_and_the_page_does_not_scroll_sideways(show: Show) -> None:
    """On a phone the labels of many columns stand upright, and the map scrolls in its frame."""
    given = AttentionMap(("word",) * 40, ("x",), ((1 / 40,) * 40,))
    page = show(interactive_page([View("words", given)], CAPTION), 380)

    expect(page.locator(".frame.turned")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_korean_interface(show: Show) -> None:
    """A Korean browser shows the page in Korean."""
    page = show(interactive_page([View("words", WORDS)], CAPTION), locale="ko-KR")

    expect(page.get_by_text("원문", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
