"""`jumok health`: check whether a server is serving. It starts fast: containers probe with it."""

from typing import Annotated

import typer

from jumok.cli.connection import DEFAULT_ADDRESS, Address, Timeout
from jumok.client.errors import ClientError
from jumok.client.events import ServingStatus
from jumok.client.sync_client import Client

USER_ERRORS: tuple[type[Exception], ...] = (ClientError,)


def run(
    address: Address = DEFAULT_ADDRESS,
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
    with Client(address, timeout=timeout) as client:
        status = client.health(service)
    print(status)
    if status is not ServingStatus.SERVING:
        raise typer.Exit(1)
