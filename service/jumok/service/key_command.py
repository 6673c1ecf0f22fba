"""`jumok key`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from jumok.service.errors import KeyFileError
from jumok.service.keys import KeyEntry, KeyLimits, create_key, delete_key, read_keys

USER_ERRORS: tuple[type[Exception], ...] = (KeyFileError,)


class Action(StrEnum):
    """What to do with the keys."""

    CREATE = "create"
    LIST = "list"
    DELETE = "delete"


def run(
    action: Annotated[Action, typer.Argument(help="What to do.")],
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Name of the key: who uses it.")
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            envvar="JUMOK_KEYS", show_envvar=True, metavar="PATH", help="The file of keys."
        ),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Maximum number of running calls.")
    ] = None,
    tokens_per_second: Annotated[
        float | None,
        typer.Option(min=0.001, metavar="N", help="Source and generated tokens per second."),
    ] = None,
    tokens_per_day: Annotated[
        float | None,
        typer.Option(min=0.001, metavar="N", help="Source and generated tokens per 24 hours."),
    ] = None,
    share: Annotated[
        float,
        typer.Option(
            min=0.01, max=100, metavar="WEIGHT", help="Weight of its work when the service is busy."
        ),
    ] = 1.0,
) -> None:
    """Create, list or delete API keys.

    `create` prints the key, which is shown only once: the file has its hash. A running service
    reads the file again when it changes. Limits can also be edited in the file.
    """
    if file is None:
        raise KeyFileError("name the file of keys: --file PATH, or JUMOK_KEYS")
    if action is Action.LIST:
        for each, entry in read_keys(file).items():
            typer.echo(_line(each, entry))
        return
    if not name:
        raise KeyFileError(f"name the key: `jumok key {action} NAME`")
    if action is Action.DELETE:
        delete_key(file, name)
        return
    limits = KeyLimits(
        concurrency=concurrency,
        tokens_per_second=tokens_per_second,
        tokens_per_day=tokens_per_day,
        share=share,
    )
    typer.echo(create_key(file, name, limits))


def _line(name: str, entry: KeyEntry) -> str:
    limits = entry.model_dump(exclude={"sha256"}, exclude_defaults=True)
    return " ".join([name, *(f"{limit}={value:g}" for limit, value in limits.items())])
