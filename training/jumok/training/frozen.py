"""What every part of a configuration is: frozen, and strict about its keys."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A part of a configuration; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
