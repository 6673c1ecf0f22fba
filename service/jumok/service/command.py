"""`jumok serve`."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from jumok.bundle.errors import BundleError
from jumok.bundle.manifest import Precision
from jumok.runtime.errors import RuntimeSetupError
from jumok.service.config import check_bundle, load_config
from jumok.service.errors import ServiceError
from jumok.service.log_lines import LogLevel, close_log, configure_logging
from jumok.service.server import serve

USER_ERRORS = (BundleError, RuntimeSetupError, ServiceError)


def run(
    bundle: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of bundles, or folders that contain such folders (JUMOK_BUNDLE, "
            f"separated by {os.pathsep!r}). [default: jumok's own ko-en]"
        ),
    ] = None,
    listen: Annotated[str | None, typer.Option(help="Address to listen on (JUMOK_LISTEN).")] = None,
    provider: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option(help="Execution provider (JUMOK_PROVIDER)."),
    ] = None,
    precision: Annotated[
        Literal["auto", Precision] | None,
        typer.Option(help="Precision of the graphs (JUMOK_PRECISION)."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads of the engine (JUMOK_THREADS).")
    ] = None,
    glossaries: Annotated[
        Path | None,
        typer.Option(
            help="Folder with glossaries, NAME.tsv, that requests can name (JUMOK_GLOSSARIES)."
        ),
    ] = None,
    log_format: Annotated[
        Literal["console", "json"] | None,
        typer.Option(help="Format of log lines (JUMOK_LOG_FORMAT)."),
    ] = None,
    log_level: Annotated[
        LogLevel | None, typer.Option(help="Least level of log lines (JUMOK_LOG_LEVEL).")
    ] = None,
    metrics_listen: Annotated[
        str | None,
        typer.Option(help="Address for metrics and probes over HTTP (JUMOK_METRICS_LISTEN)."),
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the settings in effect and exit.")
    ] = False,
) -> None:
    """Serve bundles over gRPC, with health checking and reflection.

    The first model is the default. After SIGHUP changed bundles are loaded again. After SIGTERM
    running translations finish and new ones are refused. Further settings are read from the
    environment; --print-config shows all of them.
    """
    config = load_config(
        bundle=bundle or None,
        listen=listen,
        provider=provider,
        precision=precision,
        threads=threads,
        glossaries=glossaries,
        log_format=log_format,
        log_level=log_level,
        metrics_listen=metrics_listen,
    )
    if print_config:
        typer.echo(config.model_dump_json(indent=2))
        return
    check_bundle(config.bundle)
    configure_logging(config.log_level, config.log_format)
    try:
        asyncio.run(serve(config))
    finally:
        close_log()
