"""Read TOML files into frozen objects."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from jumok.bundle.validation import describe
from jumok.training.errors import ConfigurationError


class Frozen(BaseModel):
    """A table of a TOML file. Immutable; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_Table = TypeVar("_Table", bound=Frozen)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigurationError: the file cannot be read or is not TOML.
    """
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error


def validated(kind: type[_Table], values: object, path: Path, within: str = "") -> _Table:
    """Convert values read from a file.

    Args:
        kind: the class to convert to.
        values: the values read.
        path: the file they come from, for messages.
        within: prefix of their keys in messages, such as "data.".

    Raises:
        ConfigurationError: a value is invalid or a key is unknown.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problems = describe(error, lambda key: f"{within}{key}" if key else "")
        raise ConfigurationError(f"{path}: {problems}") from error
