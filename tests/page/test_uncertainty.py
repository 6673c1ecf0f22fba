"""The page says where a translation may be wrong."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.page import answers
from tests.page.steps import translate

pytestmark = pytest.mark.page
Shot = Callable[[Page], None]
VIEWS = [(1280, "light"), (380, "dark")]

TEXT = "أنا أقرأ الكتاب"
STREAM = (
    answers.event("source", answers.source(TEXT))
    + answers.event(
        "tokens",
        {
            "tokens": [
                answers.token("▁I", "I", [0.9, 0.02, 0.04, 0.04]),
                answers.token("▁read", " read", [0.85, 0.05, 0.05, 0.05], log_prob=-3.0),
            ],
            "provisional": [],
        },
    )
    + answers.event(
        "result",
        answers.result(
            "I read",
            warnings=[{"segment": 0, "kind": "WARNING_KIND_UNATTENDED"}],
            segment_confidence=[0.83],
        ),
    )
)


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_signs_of_errors_are_shown(
    open_page: Callable[..., Page], shot: Shot, width: int, scheme: str
) -> None:
    """Warnings are in words, unattended words are marked, and the confidence is told."""
    page = open_page(width, scheme, prepare=lambda page: answers.serve(page, STREAM))
    translate(page, TEXT)
    expect(page.locator("#warnings")).to_contain_text("Several words got hardly any attention.")
    expect(page.locator(".links-source .unattended")).to_have_text(["أقرأ", "الكتاب"])
    expect(page.locator("#status")).to_contain_text("Confidence 83%")
    shot(page)


def test_text_from_right_to_left(open_page: Callable[..., Page]) -> None:
    """The first word of an Arabic sentence is the rightmost one."""
    page = open_page(prepare=lambda page: answers.serve(page, STREAM))
    translate(page, TEXT)
    first = page.locator(".links-source .word").nth(0).bounding_box()
    second = page.locator(".links-source .word").nth(1).bounding_box()
    assert first and second and first["x"] > second["x"]
    assert (
        page.get_by_label("Text to translate").evaluate("node => getComputedStyle(node).direction")
        == "rtl"
    )


def test_improbable_words_are_shaded(page: Page) -> None:
    """A word's shade grows with its improbability."""
    translate(page, "비가 오면 창문을 닫아 주세요", "ko-en")
    doubt = [
        int(word.evaluate("node => node.style.getPropertyValue('--doubt')").rstrip("%"))
        for word in page.locator("#output .word").all()
    ]
    assert doubt[3] > doubt[1]  # "window", for which "windows" is as probable, and "close"


def test_coverage_has_a_bar_for_each_word_of_the_text(page: Page) -> None:
    """The bars show the attention that each word got in all."""
    translate(page, "나는 학생입니다", "ko-en")
    expect(page.locator("#panel-attention .coverage-filled")).to_have_count(3)
    page.locator("#panel-attention .links-source .word").first.hover()
    expect(page.locator("#panel-attention .reading")).to_contain_text("of attention in all")


def test_an_interrupted_translation_is_reported(open_page: Callable[..., Page]) -> None:
    """An error within the stream is shown, and Try again repeats the request."""
    problem = {"type": "about:blank", "title": "Overloaded", "status": 429, "detail": "Try later."}
    stream = answers.event("source", answers.source(TEXT)) + answers.event("error", problem)
    page = open_page(prepare=lambda page: answers.serve(page, stream))
    page.get_by_label("Text to translate").fill(TEXT)
    expect(page.get_by_role("alert").first).to_contain_text("Try later.")
    answers.serve(page, STREAM)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#output")).to_have_text("I read")
    expect(page.get_by_role("alert").first).to_be_hidden()
