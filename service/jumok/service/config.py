"""Configuration of the service: flags override the environment, which overrides the defaults."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from jumok.bundle.manifest import Precision
from jumok.bundle.validation import describe
from jumok.service.errors import StartupError
from jumok.service.log_lines import LogLevel

_PACKAGES: Final = Path(__file__).resolve().parents[1]
_SHIPPED: Final = _PACKAGES / "models" / "ko-en"
"""Where a wheel installs the model that comes with jumok."""

DEFAULT_BUNDLE: Final = (
    _SHIPPED if _SHIPPED.exists() else _PACKAGES.parents[1] / "models" / "ko-en"  # a checkout
)
"""The bundle that `jumok serve` serves by default."""


class ServiceConfig(BaseSettings):
    """The settings in effect; the environment variable of a field is `JUMOK_` plus its name."""

    model_config = SettingsConfigDict(env_prefix="JUMOK_", frozen=True, extra="ignore")

    bundle: Annotated[tuple[Path, ...], NoDecode] = Field(
        (DEFAULT_BUNDLE,),
        min_length=1,
        description="folders of bundles, or folders that contain such folders; "
        f"separated by {os.pathsep!r} in the environment",
    )
    watch_seconds: float = Field(
        0, ge=0, description="seconds between looks for changed bundles; 0 never looks"
    )
    listen: str = Field("localhost:50051", description="address to listen on, HOST:PORT")
    tls_certificate: Path | None = Field(
        None, description="certificate chain of the server, PEM; None for no TLS"
    )
    tls_key: Path | None = Field(None, description="its private key, PEM without a password")
    tls_client_ca: Path | None = Field(
        None, description="certificates that must have signed those of the clients, PEM"
    )
    keys: Path | None = Field(
        None, description="file of API keys, made by `jumok key`; None for no keys"
    )
    max_connections: int = Field(1000, ge=1, description="maximum number of connections")
    max_streams: int = Field(
        1000, ge=1, description="maximum number of concurrent calls on one connection"
    )
    max_header_bytes: int = Field(
        16_384, ge=1024, description="maximum size of the headers of a call"
    )
    connection_idle_seconds: float = Field(
        300, gt=0, description="seconds after which a connection without calls is closed"
    )
    connection_age_seconds: float = Field(
        3600, gt=0, description="seconds after which a connection takes no new calls"
    )
    provider: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="execution provider; auto uses CUDA if it works"
    )
    precision: Literal["auto", Precision] = Field(
        "auto",
        description="precision of the graphs; auto uses int8 on the CPU if the bundle has it, "
        "otherwise float32",
    )
    threads: int = Field(
        0, ge=0, description="CPU threads of the engine; 0 uses all cores but one, at most 8"
    )
    cuda_graphs: bool = Field(
        True, description="whether steps on CUDA are captured as CUDA graphs if possible"
    )
    max_rows: int = Field(
        128, ge=16, le=4096, description="maximum number of hypotheses stepped together"
    )
    max_queue: int = Field(512, ge=1, description="maximum number of sentences waiting for a row")
    max_batched: int = Field(
        10_000,
        ge=1,
        description="maximum number of texts of batches in progress; further batches are refused",
    )
    max_encoded: int = Field(
        512, ge=1, description="maximum number of source tokens encoded between two steps"
    )
    join_steps: int = Field(
        1, ge=0, description="maximum number of steps a sentence waits to be encoded with others"
    )
    max_text_characters: int = Field(
        4000, ge=1, description="maximum length of a text, in code points"
    )
    max_request_bytes: int = Field(
        2**20, ge=2**16, description="maximum size of a request, in bytes"
    )
    max_response_bytes: int = Field(
        4 * 2**20, ge=2**20, description="maximum size of a response message, in bytes"
    )
    max_memory_bytes: int = Field(
        256 * 2**20,
        ge=8 * 2**20,
        description="maximum size of all requests and responses in flight, in bytes",
    )
    messages_per_second: float = Field(
        400,
        gt=0,
        description="message rate of all streams together; tokens that come faster share messages",
    )
    reader_seconds: float = Field(
        20, gt=0, description="seconds after which a call ends if its client does not read"
    )
    step_seconds: float = Field(
        4, gt=0, description="seconds after which a step of the engine is taken to hang"
    )
    drain_delay_seconds: float = Field(
        0, ge=0, description="seconds after SIGTERM in which new calls are still accepted"
    )
    drain_seconds: float = Field(
        30, ge=0, description="seconds that running calls have to finish after that"
    )
    glossaries: Path | None = Field(
        None,
        description="folder of the glossaries that requests can name, files NAME.tsv",
    )
    log_format: Literal["console", "json"] = "console"
    log_level: LogLevel = Field(
        "info", description="least level of log lines; debug includes health checks"
    )
    metrics_listen: str = Field(
        "",
        description="address for Prometheus metrics, /livez and /readyz, HOST:PORT; empty for none",
    )

    @field_validator("bundle", mode="before")
    @classmethod
    def _split(cls, bundle: Any) -> Any:
        if isinstance(bundle, str):
            return [folder for folder in bundle.split(os.pathsep) if folder]
        return bundle

    @field_validator("listen", "metrics_listen")
    @classmethod
    def _host_and_port(cls, listen: str, info: ValidationInfo) -> str:
        if not listen and info.field_name == "metrics_listen":
            return listen
        host, _, port = listen.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError(f"{listen!r} is not HOST:PORT with a port of 0 to 65535")
        return listen


def load_config(**flags: object) -> ServiceConfig:
    """Read the environment; flags other than None take precedence.

    Raises:
        StartupError: a value is invalid; the message names its environment variable.
    """
    try:
        return ServiceConfig(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = describe(error, lambda key: f"{key} (JUMOK_{key.upper()})")
        raise StartupError(f"wrong configuration: {problems}") from error


def check_bundle(bundles: Sequence[Path]) -> None:
    """Check that the default bundle is installed, if it is to be served.

    Raises:
        StartupError: it is missing.
    """
    if DEFAULT_BUNDLE in bundles and not DEFAULT_BUNDLE.exists():
        raise StartupError(
            "this installation of jumok has no model of its own: name the folder of a bundle, "
            "`jumok serve FOLDER`"
        )
