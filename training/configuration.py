"""The configuration of a training: one TOML file, one frozen object. Unknown keys are errors."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from bundle.manifest import ModelName
from training.data_configuration import Data
from training.errors import ConfigurationError
from training.frozen import Frozen
from training.model_configuration import Model

DEFAULT_CONFIGURATION = Path(__file__).parent / "configurations" / "embedded.toml"
"""What `jumok train` trains when it is told nothing."""


class Tokenization(Frozen):
    """SentencePiece vocabularies."""

    vocabulary_size: int = Field(ge=260, description="pieces a side, or in all where shared")
    shared: bool = Field(False, description="one vocabulary for both languages")


class Limits(Frozen):
    """The longest sentences, in tokens, the end of the sentence not counted."""

    max_source_tokens: int = Field(100, ge=1)
    max_target_tokens: int = Field(100, ge=1)


class Training(Frozen):
    """How the network is trained."""

    seed: int = Field(1, ge=0, lt=2**32)
    steps: int = Field(ge=1)
    batch_tokens: int = Field(4096, ge=1, description="source and target, padding included")
    learning_rate: float = Field(1e-3, gt=0)
    schedule: Literal["linear", "inverse_sqrt", "constant"] = "linear"
    warmup_steps: int = Field(400, ge=0)
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    gradient_norm: float = Field(1.0, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    log_every: int = Field(50, ge=1, description="steps")
    evaluate_every: int = Field(500, ge=1, description="steps")
    checkpoint_every: int = Field(500, ge=1, description="steps")
    patience: int = Field(10, ge=1, description="evaluations without a better BLEU")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    amp: bool = Field(True, description="bfloat16 autocast, on CUDA only")
    threads: int = Field(0, ge=0, description="of the CPU; 0 takes them all")


class Configuration(Frozen):
    """Everything that decides what a training does."""

    name: ModelName
    data: Data
    tokenization: Tokenization
    model: Model = Model()
    limits: Limits = Limits()
    training: Training


def load_configuration(path: Path) -> Configuration:
    """Read the TOML file `path`.

    Raises:
        ConfigurationError: it cannot be read, is not TOML, or has a wrong or unknown key.
    """
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    try:
        return Configuration.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'configuration'}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        )
        raise ConfigurationError(f"{path}: {problems}") from error
