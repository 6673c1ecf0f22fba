"""The translation appears with its heat map, and the map shows what the user chooses."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.page.steps import show, translate, words

pytestmark = pytest.mark.page
Shot = Callable[[Page], None]

RAIN = "비가 오면 창문을 닫아 주세요"
THREE = "Ich habe das Buch gestern gelesen. Der Hund schläft. Wir gehen morgen ins Kino."


def test_an_example_is_translated_with_its_map(page: Page, shot: Shot) -> None:
    """Choosing an example shows its translation, and a row and a column for each word."""
    page.get_by_role("button", name=RAIN).click()
    rows = page.locator("#panel-attention .heat-rows .heat-label")
    expect(rows).to_have_text(["Please", "close", "the", "window", "when", "it", "rains"])
    columns = page.locator("#panel-attention .heat-columns .heat-label")
    expect(columns).to_have_text([*RAIN.split(), "end"])
    expect(page.locator("body")).to_have_attribute("data-state", "done")
    shot(page)


def test_typing_translates_without_a_button(page: Page) -> None:
    """A text is translated when the user pauses."""
    page.get_by_label("Model", exact=True).select_option("ko-en")
    page.get_by_label("Text to translate").press_sequentially("나는 학생입니다")
    expect(page.locator("#output")).to_have_text(re.compile("student"))


def test_pointing_at_a_word_highlights_both_sides(page: Page, shot: Shot) -> None:
    """A word's row, its links and what it attends to are shown while the pointer is on it."""
    translate(page, RAIN, "ko-en")
    page.locator(".links-target .word").nth(4).hover()
    expect(page.locator("#panel-attention .heat-rows .active")).to_have_text("when")
    expect(page.locator("#panel-attention .heat-row")).to_be_visible()
    links = page.locator("#panel-attention .link")
    expect(links.first).to_be_attached()
    assert {link.get_attribute("data-row") for link in links.all()} == {"4"}
    expect(page.locator("#panel-attention .reading")).to_contain_text("오면")
    shot(page)


def test_pointing_at_a_cell_tells_its_weight(page: Page) -> None:
    """The line above the map says how much attention the cell stands for."""
    translate(page, RAIN, "ko-en")
    page.locator("#panel-attention .heat-cells").hover(position={"x": 5, "y": 5})
    reading = page.locator("#panel-attention .reading")
    expect(reading).to_have_text(re.compile(r"“Please” pays \d+% of its attention to “비가”."))


def test_map_by_pieces_with_numbers(page: Page, shot: Shot) -> None:
    """Pieces, numbers and the end of the sentence can be shown and hidden."""
    translate(page, RAIN, "ko-en")
    page.get_by_role("button", name="Pieces").click()
    page.get_by_label("Numbers").check()
    columns = page.locator("#panel-attention .heat-columns .heat-label")
    expect(columns).to_have_text(["▁비가", "▁오면", "▁창문", "을", "▁닫아", "▁주세요", "end"])
    shot(page)
    page.get_by_label("Hide end of sentence").check()
    expect(columns).to_have_count(6)


def test_punctuation_can_be_hidden(page: Page) -> None:
    """Without punctuation, the map has neither its rows nor its columns."""
    translate(page, "Der Hund schläft.", "de-en")
    page.get_by_role("button", name="Pieces").click()
    rows = page.locator("#panel-attention .heat-rows .heat-label")
    expect(rows.last).to_have_text(".")
    page.get_by_label("Hide punctuation").check()
    expect(rows.last).not_to_have_text(".")


def test_threshold_hides_weak_cells(open_page: Callable[..., Page]) -> None:
    """Cells below the threshold have the colour of no attention."""
    page = open_page()
    translate(page, RAIN, "ko-en")
    colours = """() => {
      const canvas = document.querySelector("#panel-attention canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }"""
    before = page.evaluate(colours)
    page.get_by_label("Hide below").fill("50")
    expect(page.locator("#threshold-value")).to_have_text("50%")
    page.wait_for_function(f"before => ({colours})() < before", arg=before)


def test_several_sentences_are_shown_one_by_one(page: Page, shot: Shot) -> None:
    """Each sentence has a map of its own words."""
    translate(page, THREE, "de-en")
    expect(page.get_by_text("Sentence 1 of 3")).to_be_visible()
    page.get_by_role("button", name="Next sentence").click()
    expect(page.get_by_text("Sentence 2 of 3")).to_be_visible()
    columns = page.locator("#panel-attention .heat-columns .heat-label")
    expect(columns).to_have_text(["Der", "Hund", "schläft.", "end"])
    shot(page)


def test_beam_search_gives_the_same_words_when_it_is_done(page: Page) -> None:
    """Provisional words are replaced by decided ones."""
    page.get_by_label("Decoding").select_option("beam")
    translate(page, "나는 학생입니다", "ko-en")
    expect(page.locator(".provisional")).to_have_count(0)
    assert words(page)[0] == "I"


def test_an_empty_text_clears_the_page(page: Page, shot: Shot) -> None:
    """Without a text there is no translation."""
    translate(page, RAIN, "ko-en")
    page.get_by_label("Text to translate").fill("")
    expect(page.locator("#output .word")).to_have_count(0)
    expect(show(page, "Attention")).to_contain_text("Translate a sentence to see its attention.")
    shot(page)


def test_a_refused_text_is_explained(page: Page, shot: Shot) -> None:
    """The reason of the service is shown."""
    page.get_by_label("Model", exact=True).select_option("ko-en")
    page.get_by_label("Text to translate").fill("가" * 4001)
    expect(page.get_by_role("alert")).to_contain_text("4000")
    shot(page)


def test_rows_are_drawn_in_time(open_page: Callable[..., Page]) -> None:
    """200 rows of 200 columns are drawn one by one; the times are printed."""
    page = open_page()
    expect(page.get_by_role("button", name=RAIN)).to_be_visible()
    times = page.evaluate(DRAW)
    print(
        f"milliseconds to draw a row of 200 x 200: median {times['median']:.1f}, "
        f"95th percentile {times['most']:.1f}; all views of the sentence, with layout"
    )
    assert times["rows"] == 200


DRAW = """async () => {
  const { Sentence } = await import("/js/translation.js");
  const { SentenceView } = await import("/js/sentence_view.js");
  const host = document.createElement("div");
  document.querySelector("main").append(host);
  const view = new SentenceView(host, { onPick() {} });
  const count = 200;
  const indices = Array.from({ length: count }, (_, index) => index);
  const words = indices.map((index) => "w" + String(index).padStart(3, "0"));
  const characters = Array.from(words.join(""));
  const sourceTokens = indices.map((index) => (
    { piece: `▁w${index}`, start: index * 4, end: index * 4 + 4, word: index }
  ));
  const options = {
    unit: "pieces", numbers: false, threshold: 0, hidePunctuation: false, hideEnd: false,
  };
  const tokens = [];
  const times = [];
  for (const row of indices) {
    const attention = indices.map((column) => Math.exp(-((row - column) ** 2) / 20) / 7.9);
    tokens.push({ piece: `▁t${row}`, text: ` t${row}`, log_prob: -0.1, attention });
    const sentence = new Sentence({ characters, sourceTokens, tokens, complete: false });
    const start = performance.now();
    view.update(sentence, options);
    void host.offsetHeight;
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  times.sort((a, b) => a - b);
  const rows = host.querySelectorAll(".heat-rows .heat-label").length;
  return { median: times[100], most: times[190], rows };
}"""
