"""The options of `jumok translate` for a glossary."""

from pathlib import Path
from typing import Annotated

import typer

GlossaryPath = Annotated[
    Path | None,
    typer.Option(
        "--glossary",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Terms whose translation is prescribed: a term, a tab and its translation per line.",
    ),
]

GlossaryName = Annotated[
    str,
    typer.Option(
        "--glossary-name",
        metavar="NAME",
        help="Glossary that the server holds, for further terms.",
    ),
]
