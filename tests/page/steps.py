"""What users do on the page."""

from playwright.sync_api import Locator, Page, expect


def translate(page: Page, text: str, model: str = "") -> None:
    """Type a text and wait for its translation."""
    if model:
        page.get_by_label("Model", exact=True).select_option(model)
    page.get_by_label("Text to translate").fill(text)
    page.get_by_role("button", name="Translate", exact=True).click()
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    expect(page.locator("#output .word").first).to_be_visible()


def words(page: Page) -> list[str]:
    """The words of the translation."""
    return page.locator("#output .word").all_text_contents()


def show(page: Page, tab: str) -> Locator:
    """Open a tab; the value is its panel."""
    page.get_by_role("tab", name=tab).click()
    panel = page.get_by_role("tabpanel", name=tab)
    expect(panel).to_be_visible()
    return panel
