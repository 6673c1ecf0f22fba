"""The configuration of a training: one TOML file, one frozen object. Unknown keys are errors."""

import re
import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from bundle.manifest import ModelName
from training.errors import ConfigurationError

DEFAULT_CONFIGURATION = Path(__file__).parent / "configurations" / "embedded.toml"
"""What `jumok train` trains when it is told nothing."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbeddedCorpus(_Frozen):
    """Sentence pairs from the grammar that comes with jumok."""

    train: int = Field(ge=1, description="pairs")
    dev: int = Field(500, ge=1)
    test: int = Field(500, ge=1)
    seed: int = 0


class TsvFile(_Frozen):
    """A file of tab-separated columns, plain or gzip."""

    path: Path
    header: bool = False
    source: str | int = Field(1, description="column: a name of the header, or a number from 1")
    target: str | int = 2
    part: Literal["train", "dev", "test", "split"] = "train"
    group: str | int | None = Field(
        None, description="with part = 'split': rows equal in this column stay together"
    )
    group_pattern: str | None = Field(None, description="the part of that column that counts")

    @field_validator("group_pattern")
    @classmethod
    def _regular_expression(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _groups_are_split(self) -> Self:
        if self.group is not None and self.part != "split":
            raise ValueError("group needs part = 'split'")
        if self.group_pattern is not None and self.group is None:
            raise ValueError("group_pattern needs group")
        return self


class TextFiles(_Frozen):
    """Two files with a sentence a line, plain or gzip."""

    source_path: Path
    target_path: Path
    part: Literal["train", "dev", "test"] = "train"


class HeldOut(_Frozen):
    """How much of the groups of files with part = 'split' is held out."""

    dev: float = Field(0.02, gt=0, lt=0.5)
    test: float = Field(0.02, gt=0, lt=0.5)


class Data(_Frozen):
    """Where sentence pairs come from. Paths are relative to the configuration's folder."""

    source_language: str = Field(min_length=2, description="BCP 47 tag")
    target_language: str = Field(min_length=2)
    embedded: EmbeddedCorpus | None = None
    tsv: tuple[TsvFile, ...] = ()
    text: tuple[TextFiles, ...] = ()
    held_out: HeldOut = HeldOut()
    max_malformed: float = Field(0.01, ge=0, le=1, description="share of a file's lines")

    @model_validator(mode="after")
    def _some_data(self) -> Self:
        if self.embedded is None and not self.tsv and not self.text:
            raise ValueError("name at least one of embedded, tsv, text")
        return self


class Tokenization(_Frozen):
    """SentencePiece vocabularies."""

    vocabulary_size: int = Field(ge=260, description="pieces a side, or in all where shared")
    shared: bool = Field(False, description="one vocabulary for both languages")


class Model(_Frozen):
    """Sizes of the network, in features."""

    embedding_size: int = Field(256, ge=1)
    encoder_size: int = Field(256, ge=1, description="of each direction")
    decoder_size: int = Field(512, ge=1)
    attention_size: int = Field(256, ge=1)
    attentional_size: int = Field(256, ge=1, description="of the state that the generator reads")
    dropout: float = Field(0.2, ge=0, lt=1)
    tie_output: bool = Field(False, description="the generator shares the target embedding")

    @model_validator(mode="after")
    def _tied_sizes(self) -> Self:
        if self.tie_output and self.attentional_size != self.embedding_size:
            raise ValueError("tie_output needs attentional_size = embedding_size")
        return self


class Limits(_Frozen):
    """The longest sentences, in tokens, the end of the sentence not counted."""

    max_source_tokens: int = Field(100, ge=1)
    max_target_tokens: int = Field(100, ge=1)


class Training(_Frozen):
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


class Configuration(_Frozen):
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
