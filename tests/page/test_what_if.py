"""Users try out what the model would have written otherwise."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.page.steps import show, translate, words

pytestmark = pytest.mark.page
Shot = Callable[[Page], None]

RAIN = "비가 오면 창문을 닫아 주세요"
THREE = "Ich habe das Buch gestern gelesen. Der Hund schläft. Wir gehen morgen ins Kino."


def test_choosing_an_alternative_rewrites_the_rest(page: Page, shot: Shot) -> None:
    """The translation keeps what precedes the chosen alternative, and continues from it."""
    translate(page, RAIN, "ko-en")
    before = words(page)
    page.locator("#output .word").nth(3).click()
    box = page.get_by_role("dialog", name="Alternatives to “window”")
    expect(box).to_be_visible()
    expect(box.locator("[aria-current]")).to_contain_text("window")
    shot(page)
    box.get_by_role("button", name="windows").click()
    expect(page.locator("#output .word").nth(3)).to_have_text("windows")
    expect(page.get_by_text("Rewritten from “Please close the windows”")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    assert words(page)[:3] == before[:3]


def test_the_rewritten_translation_is_compared_with_the_last(page: Page, shot: Shot) -> None:
    """Removed and added words are marked, and Undo brings the last translation back."""
    translate(page, RAIN, "ko-en")
    page.locator("#output .word").nth(3).click()
    page.get_by_role("button", name="windows").click()
    expect(page.locator("#difference ins").first).to_have_text("windows")
    expect(page.locator("#difference del").first).to_have_text("window")
    shot(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#output .word").nth(3)).to_have_text("window")


def test_only_the_sentence_of_the_word_is_rewritten(page: Page) -> None:
    """The other sentences keep their translations."""
    translate(page, THREE, "de-en")
    before = page.locator("#output").inner_text()
    second = before.split(". ")[1]
    page.locator("#output .word[data-segment='1']").first.click()
    page.locator(".alternative:not([aria-current]):not(:disabled)").first.click()
    expect(page.locator("#output")).not_to_have_text(before)
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    after = page.locator("#output").inner_text()
    assert after.split(". ")[0] == before.split(". ")[0]
    assert after.split(". ")[1] != second
    assert after.endswith(before.split(". ")[2])


def test_editing_the_text_shows_the_difference(page: Page, shot: Shot) -> None:
    """Changes of the text and of the translation are marked."""
    translate(page, "나는 학생입니다", "ko-en")
    translate(page, "나는 선생님입니다")
    difference = page.locator("#difference")
    expect(difference.locator("ins").first).to_have_text("선생님입니다")
    expect(difference.locator("ins").last).to_have_text(re.compile("teacher"))
    shot(page)


def test_a_pinned_translation_stays_the_reference(page: Page) -> None:
    """Later translations are compared with the pinned one."""
    translate(page, "나는 학생입니다", "ko-en")
    page.get_by_role("button", name="Pin").click()
    translate(page, "나는 선생님입니다")
    translate(page, "나는 의사입니다")
    expect(page.locator("#difference del").first).to_have_text("학생입니다")


def test_the_search_tree_shows_all_hypotheses(page: Page, shot: Shot) -> None:
    """Each returned hypothesis ends in a score, and the table lists them with their scores."""
    translate(page, RAIN, "ko-en")
    panel = show(page, "Search tree")
    expect(panel.locator(".tree-score")).to_have_count(5)
    expect(panel.locator(".tree-leaf").first).to_be_attached()
    expect(panel.locator("tbody tr")).to_have_count(5)
    shot(page)
    panel.get_by_label("Beam width").fill("3")
    panel.get_by_label("Beam width").press("Enter")
    expect(panel.locator(".tree-score")).to_have_count(3)
    panel.get_by_label("Leaves per step").fill("0")
    panel.get_by_label("Leaves per step").press("Enter")
    expect(panel.locator(".tree-leaf")).to_have_count(0)


def test_a_translation_of_ones_own_is_scored(page: Page, shot: Shot) -> None:
    """Each word gets its probability, and the model's own choice in its place."""
    translate(page, "나는 학생입니다", "ko-en")
    panel = show(page, "Your translation")
    panel.get_by_label("Your translation", exact=True).fill("I am a teacher")
    panel.get_by_role("button", name="Check").click()
    targets = panel.locator(".links-target .word")
    expect(targets).to_have_count(5)
    expect(targets.nth(3)).to_contain_text("%")
    targets.nth(3).click()
    expect(panel.locator(".candidates li").first).to_contain_text("student")
    expect(panel.locator(".candidates .yours")).to_contain_text("teacher")
    expect(panel.locator(".facts")).to_contain_text("Perplexity")
    shot(page)
