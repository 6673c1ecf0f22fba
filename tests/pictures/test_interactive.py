"""Attention as a page of one file."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from jumok.pictures.attention_map import AttentionMap
from jumok.pictures.interactive import STANDALONE, Caption, View, interactive_page

WORDS = AttentionMap(("나는", "</s>"), ("I", "am"), ((0.90004, 0.09996), (0.25, 0.75)))
CAPTION = Caption("나는", "I am", "ko-en", "0123abcd")


class Elements(HTMLParser):
    """The elements of a page as a browser reads them: each tag with its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}, ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = tag, attributes, text + data

    def texts(self, tag: str) -> list[str]:
        return [text for name, _, text in self.found if name == tag]


def content(page: str) -> Any:
    """Read the data of a page."""
    [text] = [text for _, given, text in Elements(page).found if given.get("id") == "data"]
    return json.loads(text)


def test_page_has_the_map_and_its_caption() -> None:
    """The data are both maps with short weights, the texts, and the model with its fingerprint."""
    page = interactive_page([View("words", WORDS), View("tokens", WORDS)], CAPTION, shown=1)

    assert content(page) == {
        "language": "",
        "shown": 1,
        "caption": {
            "source": "나는",
            "target": "I am",
            "model": "ko-en",
            "fingerprint": "0123abcd",
        },
        "views": [
            {
                "unit": unit,
                "rows": ["I", "am"],
                "columns": ["나는", "</s>"],
                "weights": [[0.9, 0.1], [0.25, 0.75]],
            }
            for unit in ("words", "tokens")
        ],
    }


def test_page_needs_no_other_file() -> None:
    """Nothing refers to another address, and the page's own policy forbids to load anything."""
    page = interactive_page([View("words", WORDS)], CAPTION)

    assert not re.search(r"https?:|\b(src|href)=|@import|url\(", page)
    policies = [
        given.get("content") for _, given, _ in Elements(page).found if "http-equiv" in given
    ]
    assert len(policies) == 1
    assert str(policies[0]).startswith("default-src 'none'; script-src 'unsafe-inline';")


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<b>bold</b> & <!-- <script>",
        "{{script}} {{data}} {{unknown}}",
        r"\1 \g<0> $& ' \" \u003c",
        "a\u2028b",
        "שלום",
    ],
)
def test_text_stays_text(text: str) -> None:
    """No text adds an element to the page or changes it, and each is read as it was."""
    harmless = interactive_page([View("words", WORDS)], CAPTION)
    given = AttentionMap((text, "</s>"), (text,), ((0.5, 0.5),))
    page = interactive_page([View("words", given)], Caption(text, text, text, text))

    tags = [(tag, attributes) for tag, attributes, _ in Elements(page).found]
    assert tags == [(tag, attributes) for tag, attributes, _ in Elements(harmless).found]
    assert Elements(page).texts("title") == [text]
    assert content(page)["caption"] == dict.fromkeys(
        ("source", "target", "model", "fingerprint"), text
    )
    assert content(page)["views"][0]["rows"] == [text]


def test_template_is_complete() -> None:
    """The style and the script are in the page as they are in the template's folder."""
    page = interactive_page([View("words", WORDS)], CAPTION)

    for name in ("page.css", "page.js"):
        text = (STANDALONE / name).read_text("utf-8").rstrip("\n")
        assert "</" not in text.replace('"</s>"', "")  # would end the element that it is put into
        assert text in page
    assert "{{" not in page
