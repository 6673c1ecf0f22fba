"""Configuration of the service: flags override the environment, which overrides the defaults."""

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

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

    bundle: Path = Field(DEFAULT_BUNDLE, description="folder of the bundle")
    listen: str = Field("localhost:50051", description="address to listen on, HOST:PORT")
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
        description="maximum number of waiting texts of batches; further batches are refused",
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
    messages_per_second: float = Field(
        400,
        gt=0,
        description="message rate of all streams together; tokens that come faster share messages",
    )
    reader_seconds: float = Field(
        20, gt=0, description="seconds after which a stream ends if its client does not read"
    )
    drain_seconds: float = Field(
        30, ge=0, description="seconds that running calls have to finish after SIGTERM"
    )
    log_format: Literal["console", "json"] = "console"
    log_level: LogLevel = Field(
        "info", description="least level of log lines; debug includes health checks"
    )
    metrics_listen: str = Field(
        "",
        description="address for Prometheus metrics, /livez and /readyz, HOST:PORT; empty for none",
    )

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


def check_bundle(bundle: Path) -> None:
    """Check that the default bundle is installed, if it is to be served.

    Raises:
        StartupError: it is missing.
    """
    if bundle == DEFAULT_BUNDLE and not bundle.exists():
        raise StartupError(
            "this installation of jumok has no model of its own: name the folder of a bundle, "
            "`jumok serve FOLDER`"
        )
