"""`jumok demo`."""

from pathlib import Path
from typing import Annotated, Final

import typer

from jumok.client import Client, ClientError
from jumok.demo.errors import DemoError
from jumok.demo.shell import served, translate_live
from jumok.training.errors import TrainingError

USER_ERRORS = (ClientError, DemoError, TrainingError)

SENTENCES: Final = {
    "ko": (
        "나는 학생입니다",
        "비가 오면 창문을 닫아 주세요",
        "수진의 친구가 어제 시장에서 사과를 사지 않았어요",
        "저는 어제 친구와 함께 영화를 봤어요",
        "당신은 내일 버스로 학교에 갈 거예요?",
    ),
    "de": (
        "Ich habe das Buch gestern gelesen.",
        "Kannst du mir bitte helfen?",
        "Morgen stehe ich um sechs Uhr auf.",
        "Der Mann, der dort steht, ist mein Bruder.",
        "Warum hast du mir das nicht gesagt?",
    ),
}
"""What is translated live, by the language that the served model reads."""

_NEXT: Final = """
Now yours. Serve it, and translate; a picture of the attention is made on request:
  jumok serve &
  jumok translate "{sentence}"
  jumok translate --heatmap attention.png "{sentence}"

What it knows and where it fails: models/README.md.

From training to serving in a few minutes:
  make demo-train

Or see it in a browser:
  jumok web"""


def run(
    train: Annotated[
        bool,
        typer.Option("--train", help="Train on the embedded corpus first, and show that model."),
    ] = False,
    folder: Annotated[
        Path, typer.Option(help="With --train: folder for the run and the bundle.")
    ] = Path("build/demo"),
    steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="With --train: train this many steps only; the bars then do not count."
        ),
    ] = None,
) -> None:
    """Serve the default model, and translate a few sentences live with their attention.

    With --train: train on the embedded corpus, export, serve, score held-out sentences, and
    translate live. That takes a few minutes; an existing training is reused.
    """
    if train:
        from jumok.demo.whole_road import (
            walk,  # not before: what is shown without it needs no torch
        )

        walk(folder, steps)
        return
    with served() as address:
        sentences = _sentences(address)
        translate_live(address, sentences)
    typer.echo(_NEXT.format(sentence=sentences[0]))


def _sentences(address: str) -> tuple[str, ...]:
    with Client(address) as client:
        language = client.get_model().source_language
    if language not in SENTENCES:
        raise DemoError(
            f"there are no sentences to show in the language {language!r}: serve the model with "
            "`jumok serve`, and give `jumok translate` your own"
        )
    return SENTENCES[language]
