"""The page shows how a token was chosen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.page import answers
from tests.page.steps import show, translate

pytestmark = pytest.mark.page
Shot = Callable[[Page], None]

TEXT = "나는 읽는다"
STREAM = (
    answers.event("source", answers.source(TEXT))
    + answers.event(
        "tokens",
        {
            "tokens": [
                answers.token("▁I", "I", [0.9, 0.06, 0.04]),
                answers.token("▁read", " read", [0.05, 0.9, 0.05]),
            ],
            "provisional": [],
        },
    )
    + answers.event("result", answers.result("I read"))
)


def explained(request: dict[str, Any]) -> dict[str, Any]:
    """An explanation with vectors of 64 numbers."""
    index = request["token_index"]
    vector = [((position * 37) % 64 - 32) / 32 for position in range(64)]
    weights = [0.05, 0.05, 0.05]
    weights[index] = 0.9
    return {
        "source_text": TEXT,
        "source": answers.source(TEXT),
        "tokens": [answers.token("▁I", "I", []), answers.token("▁read", " read", [])],
        "token_index": index,
        "query": vector,
        "positions": [
            {"key": vector, "value": vector, "score": 4 * weight, "attention": weight}
            for weight in weights
        ],
        "context": vector,
        "decoder_output": vector,
        "attentional": vector,
        "lexical": [],
        "candidates": [
            {"id": 5, "piece": ["▁I", "▁read"][index], "log_prob": -0.1},
            {"id": 9, "piece": "▁am", "log_prob": -3.0},
        ],
        "score_function": "additive",
        "wiring": "luong",
        "model": "made-up",
        "model_fingerprint": "0" * 64,
    }


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (380, "dark")])
def test_each_stage_of_a_token_is_shown(
    open_page: Callable[..., Page], shot: Shot, width: int, scheme: str
) -> None:
    """The scores, the attention and the candidates are those of the chosen token."""

    def prepare(page: Page) -> None:
        def explain(route: Route) -> None:
            route.fulfill(json=explained(json.loads(route.request.post_data or "{}")))

        answers.serve(page, STREAM)
        page.route("**/v1/explain", explain)

    page = open_page(width, scheme, prepare=prepare)
    translate(page, TEXT)
    panel = show(page, "Explain")
    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("90%")
    panel.get_by_role("button", name="▁read").click()
    expect(rows.nth(1)).to_contain_text("90%")
    expect(panel.locator(".candidates .yours")).to_contain_text("▁read")
    expect(panel.locator("canvas.vector")).to_have_count(7)
    shot(page)


def test_a_model_that_cannot_be_explained(open_page: Callable[..., Page]) -> None:
    """The reason of the service is shown."""

    def prepare(page: Page) -> None:
        def refuse(route: Route) -> None:
            problem = {"type": "about:blank", "title": "Conflict", "detail": "Export it again."}
            route.fulfill(status=409, json=problem, content_type="application/problem+json")

        answers.serve(page, STREAM)
        page.route("**/v1/explain", refuse)

    page = open_page(prepare=prepare)
    translate(page, TEXT)
    expect(show(page, "Explain")).to_contain_text("Export it again.")
