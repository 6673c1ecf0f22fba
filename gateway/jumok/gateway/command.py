"""`jumok web`."""

import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from jumok.client.async_client import AsyncClient
from jumok.client.credentials import tls_credentials
from jumok.client.errors import ClientError
from jumok.gateway.application import MOST_BODY_BYTES, Settings, create_application
from jumok.gateway.errors import GatewayError
from jumok.gateway.film_routes import FILM
from jumok.gateway.listening import listening
from jumok.gateway.own_service import own_service
from jumok.gateway.serving import serve
from jumok.gateway.training_run import TrainingRun

USER_ERRORS = (ClientError, GatewayError, OSError)


def run(
    listen: Annotated[
        str,
        typer.Option(
            envvar="JUMOK_WEB_LISTEN",
            show_envvar=True,
            metavar="HOST:PORT",
            help="Address to listen on.",
        ),
    ] = "localhost:8080",
    run_path: Annotated[
        Path | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="Folder of a training run to show as a film: its learning curves, and how the "
            "attention of a few sentences develops. Without --address, only the film is served.",
        ),
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            envvar="JUMOK_WEB_CORS_ORIGIN",
            show_envvar=True,
            metavar="ORIGIN",
            help="Origin whose pages may use the interface, such as https://example.org; "
            "repeat it for several.  Default: none.",
        ),
    ] = None,
    max_body_bytes: Annotated[
        int,
        typer.Option(
            envvar="JUMOK_WEB_MAX_BODY_BYTES",
            show_envvar=True,
            min=1,
            help="Largest body of a request, in bytes.",
        ),
    ] = MOST_BODY_BYTES,
    timeout: Annotated[
        float,
        typer.Option(
            envvar="JUMOK_WEB_TIMEOUT",
            show_envvar=True,
            min=0.001,
            metavar="SECONDS",
            help="How long a translation may take.",
        ),
    ] = 60.0,
    address: Annotated[
        str,
        typer.Option(
            envvar="JUMOK_ADDRESS",
            show_envvar=True,
            show_default=False,
            metavar="HOST[:PORT]",
            help="Address of the service.  Default: start one with the default model.",
        ),
    ] = "",
    key: Annotated[
        str,
        typer.Option(
            envvar="JUMOK_KEY",
            show_envvar=True,
            show_default=False,
            metavar="KEY",
            help="API key for requests that have none. Prefer the variable: other users can see "
            "the arguments of a command.",
        ),
    ] = "",
    plaintext_key: Annotated[
        bool,
        typer.Option(
            "--plaintext-key",
            envvar="JUMOK_PLAINTEXT_KEY",
            show_envvar=True,
            help="Send API keys to a service on another machine even without TLS.",
        ),
    ] = False,
    tls: Annotated[
        bool,
        typer.Option(
            "--tls",
            envvar="JUMOK_TLS",
            show_envvar=True,
            help="Use TLS to the service; implied by the options below.",
        ),
    ] = False,
    ca: Annotated[
        Path | None,
        typer.Option(
            envvar="JUMOK_TLS_CA",
            show_envvar=True,
            metavar="FILE",
            help="Certificates to trust.  Default: the public authorities.",
        ),
    ] = None,
    server_name: Annotated[
        str,
        typer.Option(
            envvar="JUMOK_TLS_SERVER_NAME",
            show_envvar=True,
            show_default=False,
            metavar="NAME",
            help="Name that the service's certificate must have.  Default: the host.",
        ),
    ] = "",
    client_certificate: Annotated[
        Path | None,
        typer.Option(
            envvar="JUMOK_CLIENT_CERTIFICATE",
            show_envvar=True,
            metavar="FILE",
            help="Certificate of this client, if the service asks for one.",
        ),
    ] = None,
    client_key: Annotated[
        Path | None,
        typer.Option(
            envvar="JUMOK_CLIENT_KEY", show_envvar=True, metavar="FILE", help="Its private key."
        ),
    ] = None,
) -> None:
    """Serve the page, and the interface over HTTP: JSON, server-sent events, LibreTranslate's API.

    Translations are made by the service at --address, or by one that starts and stops with this
    command. --run shows the film of a training run, also while it is still training.
    """
    training_run = None if run_path is None else TrainingRun(run_path.expanduser())
    encrypted = tls or server_name or ca or client_certificate or client_key
    options: dict[str, Any] = {
        "timeout": timeout,
        "credentials": tls_credentials(ca, client_certificate, client_key) if encrypted else None,
        "server_name": server_name,
        "key": key,
        "plaintext_key": plaintext_key,
    }
    # the default would end this process without ending the service that it has started
    signal.signal(signal.SIGTERM, _exit)
    with ExitStack() as stack:
        url, sockets = stack.enter_context(listening(listen))
        if not address and training_run is None:
            address = stack.enter_context(own_service())
            options |= {"credentials": None, "server_name": ""}
        application = create_application(
            (lambda: AsyncClient(address, **options)) if address else None,
            Settings(tuple(cors_origin or ()), max_body_bytes),
            training_run,
        )
        shown = url if training_run is None else f"{url}{FILM}"
        serve(application, sockets, lambda: typer.echo(f"jumok web: open {shown}"))


def _exit(signum: int, frame: object) -> None:
    sys.exit(0)
