"""`jumok health`: check whether a server is serving. It starts fast: containers probe with it."""

from typing import Annotated

import typer

from jumok.cli.connection import LOCAL, Connection, Timeout, connects
from jumok.client.errors import ClientError
from jumok.client.events import ServingStatus

USER_ERRORS: tuple[type[Exception], ...] = (ClientError, OSError)


@connects
def run(
    connection: Connection = LOCAL,
    service: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Ask for one service, such as jumok.v1.TranslationService.  "
            "Default: the server as a whole.",
        ),
    ] = "",
    timeout: Timeout = 3.0,
) -> None:
    """Ask whether a server is serving.

    Prints SERVING, NOT_SERVING or SERVICE_UNKNOWN. The exit status is 0 when it is SERVING,
    else 1.
    """
    with connection.client(timeout) as client:
        status = client.health(service)
    print(status)
    if status is not ServingStatus.SERVING:
        raise typer.Exit(1)
