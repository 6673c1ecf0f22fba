"""The page that plays the attention of a training."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from jumok.client.async_client import AsyncClient
from jumok.gateway.application import create_application
from jumok.gateway.listening import listening
from jumok.gateway.training_run import TrainingRun
from tests.page.conftest import VIEWS
from tests.page.test_access import violations

pytestmark = pytest.mark.page

SOURCES = [["나는", "학생입니다", "</s>"], ["비가", "옵니다", "</s>"]]
TARGETS = [["the"] * 12, ["I", "the"], ["I", "am", "a", "student"]]


def record(run: Path, step: int, target: list[str]) -> None:
    """Append what the trainer records at an evaluation."""
    with (run / "metrics.jsonl").open("a", encoding="utf-8") as file:
        for name, value in (("train/loss", 100 / step), ("dev/bleu", step / 10)):
            file.write(json.dumps({"step": step, name: value, "train/learning_rate": 1e-3}) + "\n")
    with (run / "attention.jsonl").open("a", encoding="utf-8") as file:
        for number, source in enumerate(SOURCES, 1):
            line: dict[str, Any] = {
                "step": step,
                "sentence": number,
                "source": source,
                "target": target,
                "reference": "I am a <b>student</b>",
                "weights": [[0.7, 0.2, 0.1]] * len(target),
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "school"
    folder.mkdir()
    for step, target in enumerate(TARGETS, 1):
        record(folder, step * 100, target)
    return folder


@contextmanager
def served(run: Path | None, connect: Callable[[], AsyncClient] | None = None) -> Iterator[str]:
    """Serve a run, and the page for translating if `connect` is given; yield the URL."""
    with listening("localhost:0") as (url, sockets):
        application = create_application(connect, run=TrainingRun(run) if run else None)
        config = uvicorn.Config(application, log_config=None, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=[sockets])
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()


Film = Callable[..., Page]


@pytest.fixture
def film(chromium: Browser, run: Path) -> Iterator[Film]:
    """Open the film of `run`; the test fails if the page reports an error."""
    errors: list[str] = []
    contexts = []
    with served(run) as url:

        def opened(width: int = 1280, scheme: str = "light", locale: str = "en-US") -> Page:
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
                locale=locale,
                reduced_motion="reduce",
            )
            contexts.append(context)
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text))
            page.goto(url)
            expect(page.locator(".sentence")).to_have_count(2)
            return page

        yield opened
        for context in contexts:
            context.close()
    assert errors == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_film_starts_at_the_latest_evaluation(
    film: Film, shot: Callable[[Page], None], width: int, scheme: str
) -> None:
    """It shows the step with its score, the translations as text, and three curves."""
    page = film(width, scheme)
    expect(page.locator("#now")).to_have_text("Step 300, BLEU 30")
    expect(page.locator("dd.target").first).to_have_text("I am a student")
    expect(page.locator("dd.reference").first).to_have_text("I am a <b>student</b>")
    expect(page.locator(".curve:visible")).to_have_count(3)
    expect(page.locator("canvas").first).to_have_attribute(
        "aria-label", "Step 300: I ← 나는 70%, am ← 나는 70%, a ← 나는 70%, student ← 나는 70%"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    shot(page)


def test_keys_and_slider_choose_the_step(film: Film) -> None:
    """Home, End and the arrow keys go through the evaluations, as does the slider."""
    page = film()
    for key, step in (("Home", 100), ("ArrowRight", 200), ("End", 300), ("ArrowLeft", 200)):
        page.keyboard.press(key)
        expect(page.locator("#now")).to_contain_text(f"Step {step}")
    page.locator("#place").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#now")).to_contain_text("Step 100")
    expect(page.locator("dd.target").first).to_have_text(" ".join(["the"] * 12))


def test_film_plays_to_its_end(film: Film) -> None:
    """The space bar plays from the start, once the end was reached, and pauses."""
    page = film()
    page.get_by_label("Speed").select_option("4")
    page.locator("h1").click()
    page.keyboard.press("Space")
    expect(page.locator("#now")).to_contain_text("Step 100")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#now")).to_contain_text("Step 300")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_curves_lead_to_a_step(film: Film) -> None:
    """A click on a curve goes to the evaluation nearest to it; the cursor tells the value."""
    page = film()
    curve = page.locator(".curve svg").first
    box = curve.bounding_box()
    assert box
    page.mouse.click(box["x"] + 50, box["y"] + 40)
    expect(page.locator("#now")).to_contain_text("Step 100")
    expect(page.locator(".curve .value").first).to_have_text("1")
    expect(curve).to_have_attribute(
        "aria-label",
        "Loss (nats per token): 1 at step 100, 0.333 at step 300; 1 at step 100",
    )


def test_film_follows_a_training(film: Film, run: Path) -> None:
    """New evaluations appear by themselves, and are shown if the latest was."""
    page = film()
    record(run, 400, ["I", "am", "a", "teacher"])
    expect(page.locator("#now")).to_contain_text("Step 400")
    page.keyboard.press("Home")
    record(run, 500, ["I", "am", "a", "pupil"])
    expect(page.locator("#place")).to_have_attribute("max", "4")
    expect(page.locator("#now")).to_contain_text("Step 100")


def test_half_an_evaluation_waits(film: Film, run: Path) -> None:
    """An evaluation is shown once the lines of all sentences are there."""
    with (run / "attention.jsonl").open("a", encoding="utf-8") as file:
        line = {"step": 400, "sentence": 1, "source": SOURCES[0], "target": ["I"]}
        file.write(json.dumps({**line, "reference": "I", "weights": [[1, 0, 0]]}) + "\n")
    page = film()
    expect(page.locator("#place")).to_have_attribute("max", "2")


def test_korean_interface(film: Film) -> None:
    """A Korean browser shows the film in Korean; the button changes the language."""
    page = film(locale="ko-KR")
    expect(page.locator("#now")).to_have_text("300단계, BLEU 30")
    page.get_by_role("button", name="Show in English").click()
    expect(page.locator("#now")).to_have_text("Step 300, BLEU 30")


def test_rows_of_words_that_stay_move(film: Film) -> None:
    """Between two maps, rows of words in both are mixed, and the others fade."""
    page = film()
    found = page.evaluate("""async () => {
        const { passage } = await import("/film/passage.js");
        const first = { target: ["a", "x", "b"], weights: [[1, 0], [0, 1], [1, 0]] };
        const second = { target: ["a", "b"], weights: [[0, 1], [0, 1]] };
        return passage(first, second, 0.5);
    }""")
    assert found == {
        "height": 2.5,
        "rows": [
            {"label": "a", "place": 0, "opacity": 1, "weights": [0.5, 0.5]},
            {"label": "x", "place": 1, "opacity": 0.5, "weights": [0, 1]},
            {"label": "b", "place": 1.5, "opacity": 1, "weights": [0.5, 0.5]},
        ],
    }


def test_training_that_has_just_begun(chromium: Browser, tmp_path: Path) -> None:
    """Before the first evaluation the page says so; later it shows that evaluation by itself."""
    (tmp_path / "metrics.jsonl").write_text('{"step": 10, "train/loss": 5}\n')
    with served(tmp_path) as url:
        page = chromium.new_page()
        page.goto(url)
        expect(page.get_by_role("status")).to_contain_text("The first evaluation is not done yet")
        record(tmp_path, 100, TARGETS[0])
        expect(page.locator("#now")).to_contain_text("Step 100")
        page.close()


def test_server_that_ends(chromium: Browser, run: Path) -> None:
    """When the server does not answer, the page says so and keeps what it shows."""
    with served(run) as url:
        page = chromium.new_page()
        page.goto(url)
        expect(page.locator("#now")).to_contain_text("Step 300")
    expect(page.get_by_role("status")).to_contain_text("The server does not answer")
    expect(page.locator("#now")).to_contain_text("Step 300")
    page.close()


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_the_page_for_translating_links_to_the_film(
    chromium: Browser, run: Path, locale: str
) -> None:
    """The link is there if a run is served."""
    with served(run, lambda: AsyncClient("localhost:1")) as url:
        page = chromium.new_page(locale=locale)
        page.goto(url)
        page.locator("#film").click()
        expect(page.locator(".sentence")).to_have_count(2)
        page.close()


def test_there_is_no_link_without_a_film(chromium: Browser) -> None:
    """The link is hidden if no run is served."""
    with served(None, lambda: AsyncClient("localhost:1")) as url:
        page = chromium.new_page()
        with page.expect_response("**/v1/run") as answer:
            page.goto(url)
        assert answer.value.status == 204
        expect(page.locator("#film")).to_be_hidden()
        page.close()
