"""Two models, or two alignment rules, side by side."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.page.steps import show, translate

pytestmark = pytest.mark.page
Shot = Callable[[Page], None]


def test_two_rules_are_compared(page: Page, shot: Shot) -> None:
    """Both sides have links, and the summary says how many words differ."""
    translate(page, "Ich habe das Buch gestern gelesen.", "de-en")
    panel = show(page, "Compare")
    panel.get_by_role("button", name="Alignment rules").click()
    panel.get_by_label("Right").select_option("reads")
    sides = panel.locator(".compare-side")
    for side in (sides.nth(0), sides.nth(1)):
        expect(side.locator(".link").first).to_be_attached()
    expect(panel.locator(".compare-summary")).to_contain_text("linked differently")
    expect(panel.locator(".link.emphasis").first).to_be_attached()
    shot(page)


def test_two_models_are_compared(page: Page, shot: Shot) -> None:
    """Each model shows its own translation and map."""
    translate(page, "Der Hund schläft.", "de-en")
    panel = show(page, "Compare")
    panel.get_by_role("button", name="Models").click()
    panel.get_by_label("Left").select_option("de-en")
    panel.get_by_label("Right").select_option("ko-en")
    sides = panel.locator(".compare-side")
    expect(sides.nth(0).locator(".compare-text")).to_have_text("The dog is sleeping.")
    for side in (sides.nth(0), sides.nth(1)):
        expect(side.locator(".heat-rows .heat-label").first).to_be_visible()
    expect(panel.locator(".compare-summary del").first).to_be_visible()
    shot(page)
