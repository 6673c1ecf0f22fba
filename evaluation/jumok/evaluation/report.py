"""The report of an evaluation, `report.json`. Names of its fields do not change."""

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.manifest import Precision
from jumok.evaluation.errors import EvaluationError
from jumok.evaluation.scoring.alignment_error import AlignmentScore
from jumok.evaluation.scoring.scores import TextScores

FORMAT: Final = "jumok.evaluation"
FORMAT_VERSION: Final = 1


class _Frozen(BaseModel):
    # unknown fields are ignored, so that later versions can add some
    model_config = ConfigDict(frozen=True)


class Interval(_Frozen):
    """A 95% confidence interval."""

    low: float
    high: float


class LengthScore(_Frozen):
    """BLEU of a group of sentences with sources of similar lengths."""

    first: int = Field(description="minimum number of source words")
    last: int | None = Field(description="maximum number of source words; null: no maximum")
    sentences: int
    bleu: float = Field(description="cased; same signature as for the whole set")
    interval: Interval

    @property
    def label(self) -> str:
        """The range of lengths as text."""
        return f"{self.first}+" if self.last is None else f"{self.first}–{self.last}"


class Likelihood(_Frozen):
    """Likelihood of the references according to the system."""

    loss: float = Field(description="nats per target token, including ends; no label smoothing")
    perplexity: float = Field(
        description="exp(loss); comparable between systems with the same vocabulary"
    )
    tokens: int = Field(description="number of target tokens, including ends")


class AttentionShape(_Frozen):
    """Entropy and coverage of attention over the system's translations."""

    entropy: float = Field(description="mean entropy of a target token's attention, in nats")
    normalised_entropy: float = Field(
        description="mean entropy divided by the entropy of uniform attention, 0 to 1"
    )
    coverage: float = Field(
        description="share of source words that a target token attends to most, 0 to 1"
    )
    coverage_deviation: float = Field(
        description="mean absolute deviation of a source token's total attention from 1"
    )


class DecodingSpeed(_Frozen):
    """Speed of translation, including tokenization."""

    seconds: float
    tokens: int = Field(description="number of target tokens, including ends")
    tokens_per_second: float
    sentences_per_second: float


class ReliabilityBin(_Frozen):
    """Translations with similar confidence."""

    sentences: int
    confidence: float = Field(description="mean confidence, 0 to 1")
    good: float = Field(description="share of good translations, see Reliability")


class Reliability(_Frozen):
    """Whether the confidence in a translation is the probability that it is good.

    A translation is good if its chrF is at least 50.
    """

    bins: tuple[ReliabilityBin, ...] = Field(description="by confidence; empty bins are left out")
    error: float = Field(
        description="expected calibration error: mean of |confidence − good| over the bins, "
        "weighted by sentences"
    )


class ScoredSentence(_Frozen):
    """A sentence with its translation and scores."""

    source: str
    reference: str
    hypothesis: str
    chrf: float = Field(description="chrF2 of this sentence, cased, 0 to 100")
    log_prob: float = Field(description="log-probability of the hypothesis, in nats")
    further_references: tuple[str, ...] = ()


class SetReport(_Frozen):
    """All results on one set."""

    name: str
    sentences: int
    text: TextScores
    bleu_interval: Interval = Field(description="of text.bleu, by bootstrap resampling")
    length_ratio: float = Field(description="words of hypotheses over words of references")
    by_length: tuple[LengthScore, ...]
    likelihood: Likelihood
    alignment: dict[AlignmentRule, AlignmentScore] = Field(
        description="attention over the references by alignment rule; empty without gold links"
    )
    attention: AttentionShape | None = Field(description="null if all attention is 0")
    reliability: Reliability | None = Field(
        None, description="of the confidence; null for a system without calibration"
    )
    decoding: DecodingSpeed
    translations: tuple[ScoredSentence, ...] = Field(
        description="in the order of the set; empty in a report without sentences"
    )


class SystemReport(_Frozen):
    """The evaluated system."""

    path: str
    kind: Literal["checkpoint", "bundle"]
    name: str
    source_language: str
    target_language: str
    step: int | None = Field(description="training step; null if unknown")
    parameters: int | None = Field(description="number of parameters; null if unknown")
    fingerprint: str | None = Field(description="SHA-256 of a bundle's manifest")
    device: str
    precision: Precision = "float32"


class Options(_Frozen):
    """Options of an evaluation."""

    beam: int
    length_penalty: float
    batch_size: int = Field(description="sentences in a batch")
    limit: int | None = Field(description="maximum number of sentences of each set")
    resamples: int = Field(description="resamples of the bootstrap")
    seed: int = Field(description="seed of the bootstrap")


class Report(_Frozen):
    """The report of an evaluation."""

    format: Literal["jumok.evaluation"] = FORMAT
    format_version: Literal[1] = FORMAT_VERSION
    began: str = Field(description="ISO 8601, UTC")
    system: SystemReport
    data: str = Field(description="path")
    part: Literal["dev", "test"]
    options: Options
    versions: dict[str, str]
    machine: dict[str, str | int]
    sets: tuple[SetReport, ...]

    def without_sentences(self) -> Self:
        """Return the report without texts, which may not be redistributable."""
        figures = [found.model_copy(update={"translations": ()}) for found in self.sets]
        return self.model_copy(update={"sets": tuple(figures)})


def read_report(path: Path) -> Report:
    """Read a `report.json`.

    Raises:
        EvaluationError: the file cannot be read or is not a report.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return Report.model_validate_json(content)
    except ValidationError as error:
        raise EvaluationError(
            f"{path} is not a report of this version of `jumok evaluate`; create it again"
        ) from error


def write_report(report: Report, path: Path) -> None:
    """Write a `report.json`.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(report.model_dump_json(indent=1) + "\n", "utf-8")
