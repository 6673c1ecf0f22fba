"""`jumok models`: list the models of a server."""

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from jumok.cli.connection import LOCAL, Connection, Timeout, connects
from jumok.client.errors import ClientError
from jumok.client.json_form import to_json

USER_ERRORS: tuple[type[Exception], ...] = (ClientError, OSError)

_SHOWN = 12  # digits of a fingerprint, as in the log of the service


class ListFormat(StrEnum):
    """How to write the list."""

    TEXT = "text"
    JSON = "json"


@connects
def run(
    connection: Connection = LOCAL,
    format_: Annotated[
        ListFormat,
        typer.Option("--format", help="text, or json: one object for each model, one per line."),
    ] = ListFormat.TEXT,
    timeout: Timeout = 10.0,
) -> None:
    """List the models of a server, the default one first."""
    connection.await_start(timeout)
    with connection.client(timeout) as client:
        models = client.list_models()
    if format_ is ListFormat.JSON:
        for model in models:
            print(json.dumps(to_json(model), ensure_ascii=False))
        return
    table = Table("name", "source", "target", "precision", "provider", "fingerprint", box=None)
    for model in models:
        table.add_row(
            model.name,
            model.source_language,
            model.target_language,
            model.precision,
            model.execution_provider.removesuffix("ExecutionProvider"),
            model.fingerprint[:_SHOWN],
        )
    Console().print(table)
