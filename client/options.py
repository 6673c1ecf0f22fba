"""Options that every subcommand which talks to a server has."""

from typing import Annotated

import typer

Address = Annotated[
    str,
    typer.Option(
        envvar="JUMOK_ADDRESS", show_envvar=True, metavar="HOST:PORT", help="Where the server is."
    ),
]
Timeout = Annotated[
    float,
    typer.Option(min=0.001, metavar="SECONDS", help="How long one call may take."),
]

DEFAULT_ADDRESS = "localhost:50051"
