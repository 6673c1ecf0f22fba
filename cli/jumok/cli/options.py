"""Options of subcommands that talk to a server."""

from typing import Annotated

import typer

Address = Annotated[
    str,
    typer.Option(
        envvar="JUMOK_ADDRESS", show_envvar=True, metavar="HOST:PORT", help="Where the server is."
    ),
]
ModelName = Annotated[
    str, typer.Option("--model", metavar="NAME", help="Which model.  Default: the one served.")
]
Timeout = Annotated[
    float,
    typer.Option(min=0.001, metavar="SECONDS", help="How long one call may take."),
]

DEFAULT_ADDRESS = "localhost:50051"
