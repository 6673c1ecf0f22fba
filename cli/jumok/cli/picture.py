"""The option `--heatmap FILE`, and the picture that it asks for."""

from pathlib import Path
from typing import Annotated

import typer

from jumok.cli.line_work import note
from jumok.cli.word_map import token_map, word_map
from jumok.client.aligned import Aligned
from jumok.client.translation import Translation
from jumok.pictures.interactive import Caption, View, interactive_page

_PAGE = ".html"
_KINDS = (".png", ".svg", ".pdf", _PAGE)


def checked_path(path: Path | None) -> Path | None:
    """Refuse a picture that could not be written, before anything is translated."""
    path = path and path.expanduser()
    if path is not None and path.suffix.lower() not in _KINDS:
        raise typer.BadParameter(f"{path} must end in one of {', '.join(_KINDS)}")
    if path is not None and not path.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}")
    return path


PicturePath = Annotated[
    Path | None,
    typer.Option(
        "--heatmap",
        metavar="FILE",
        callback=checked_path,
        help="Draw the attention to a .png, .svg or .pdf file, or make an interactive .html page "
        "of it; for many lines one for each line N, FILE-N.png.",
    ),
]


def draw_picture(
    drawn: Translation | Aligned, path: Path, *, command: str, line: int | None, tokens: bool
) -> None:
    """Draw attention by word, or by token, and say which characters no font has.

    A page has both, and `tokens` says which it shows first.
    """
    if line is not None:
        path = path.with_stem(f"{path.stem}-{line}")
    if path.suffix.lower() == _PAGE:
        path.write_text(_page(drawn, tokens), "utf-8")
        return
    from jumok.pictures.font import missing_sentence
    from jumok.pictures.heat_map import draw  # not before: matplotlib takes half a second to import

    missing = draw(token_map(drawn) if tokens else word_map(drawn), path)
    if missing:
        note(command, missing_sentence(missing), line)


def _page(drawn: Translation | Aligned, tokens: bool) -> str:
    answer = drawn.result if isinstance(drawn, Translation) else drawn
    caption = Caption(
        source=drawn.source_text,
        target=drawn.text,
        model=answer.model,
        fingerprint=answer.model_fingerprint,
    )
    views = [View("words", word_map(drawn)), View("tokens", token_map(drawn))]
    return interactive_page(views, caption, shown=int(tokens))
