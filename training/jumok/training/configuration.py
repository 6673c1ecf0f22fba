"""The configuration of a training: one TOML file, read into one frozen object."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from jumok.bundle.manifest import MOST_TOKENS, ModelName
from jumok.bundle.normalization import Normalization
from jumok.training.data.configuration import DataConfiguration
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.toml_file import Frozen, read_toml, validated

DEFAULT_CONFIGURATION = Path(__file__).parent / "configurations" / "embedded.toml"
"""What `jumok train` trains by default."""


class Tokenization(Frozen):
    """SentencePiece vocabularies."""

    vocabulary_size: int = Field(ge=260, description="pieces per side, or in total if shared")
    source_normalization: Normalization = Field(
        "nfkc", description="Unicode normalization of sources: nfc or nfkc"
    )
    target_normalization: Normalization = Field(
        "nfc",
        description="the same of targets; what nfkc changes, such as full-width punctuation, no "
        "translation can contain. A shared vocabulary has this one",
    )
    shared: bool = Field(False, description="one vocabulary for both languages")
    sampling: float = Field(
        0.0, ge=0, description="subword regularisation: α of Kudo 2018; 0 turns it off"
    )
    word_dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of source tokens and previous target tokens replaced by the unknown "
        "token (Gal & Ghahramani 2016; Sennrich et al. 2016)",
    )


class LengthLimits(Frozen):
    """Maximum sentence lengths in tokens, without the end of the sentence."""

    max_source_tokens: int = Field(100, ge=1, le=MOST_TOKENS)
    max_target_tokens: int = Field(100, ge=1, le=MOST_TOKENS)


class TrainingConfiguration(Frozen):
    """How the network is trained."""

    seed: int = Field(1, ge=0, lt=2**32)
    steps: int = Field(ge=1)
    final_steps: int = Field(
        0,
        ge=0,
        description="the last steps, which are trained only on files with final = true",
    )
    batch_tokens: int = Field(
        4096, ge=1, description="source and target tokens of a batch, including padding"
    )
    accumulate: int = Field(
        1, ge=1, description="batches per step, divided among the processes of torchrun"
    )
    learning_rate: float = Field(1e-3, gt=0)
    schedule: Literal["linear", "inverse_sqrt", "constant"] = "linear"
    warmup_steps: int = Field(400, ge=0)
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    guided_alignment: float = Field(
        0.0, ge=0, description="weight of the loss of attention against known word alignments"
    )
    gradient_norm: float = Field(1.0, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    averaging: Literal["none", "ema", "checkpoints"] = "none"
    ema_decay: float = Field(0.999, gt=0, lt=1)
    average_checkpoints: int = Field(5, ge=1, description="number of evaluations")
    log_every: int = Field(50, ge=1, description="steps")
    evaluate_every: int = Field(500, ge=1, description="steps")
    checkpoint_every: int = Field(500, ge=1, description="steps")
    patience: int = Field(
        10, ge=1, description="evaluations without improvement of BLEU before training stops"
    )
    device: Literal["auto", "cpu", "cuda"] = "auto"
    amp: bool = Field(True, description="bfloat16 autocast, if the device supports bfloat16")
    threads: int = Field(0, ge=0, description="CPU threads; 0 for all")

    @model_validator(mode="after")
    def _steps_are_enough(self) -> Self:
        if self.final_steps >= self.steps:
            raise ValueError(
                f"steps = {self.steps} must be more than final_steps = {self.final_steps}"
            )
        return self


class Configuration(Frozen):
    """The whole configuration of a training."""

    name: ModelName
    data: DataConfiguration
    tokenization: Tokenization
    model: ModelConfiguration = ModelConfiguration()
    limits: LengthLimits = LengthLimits()
    training: TrainingConfiguration

    def with_steps(self, steps: int) -> "Configuration":
        """Return the same configuration with another number of steps.

        Raises:
            ValueError: there would be no more steps than final steps.
        """
        training = self.training.model_dump() | {"steps": steps}
        return self.model_copy(update={"training": TrainingConfiguration.model_validate(training)})

    @model_validator(mode="after")
    def _vocabularies_fit(self) -> Self:
        if self.model.tie_embeddings and not self.tokenization.shared:
            raise ValueError("model.tie_embeddings needs tokenization.shared = true")
        final = any(file.final for file in (*self.data.tsv, *self.data.text))
        if final != (self.training.final_steps > 0):
            raise ValueError(
                "training.final_steps and files with final = true need each other: set both or none"
            )
        return self


def load_configuration(path: Path) -> Configuration:
    """Read a configuration from a TOML file.

    Raises:
        ConfigurationError: the file cannot be read or is not TOML, or a key is invalid or unknown.
    """
    return validated(Configuration, read_toml(path), path)
