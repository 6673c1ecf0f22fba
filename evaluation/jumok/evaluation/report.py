"""The report of an evaluation: what `report.json` holds, under names that stay."""

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
    # what a later version adds does not make a report unreadable
    model_config = ConfigDict(frozen=True)


class Interval(_Frozen):
    """A 95% confidence interval."""

    low: float
    high: float


class LengthScore(_Frozen):
    """BLEU of the sentences whose sources are about as long."""

    first: int = Field(description="words of the shortest sources")
    last: int | None = Field(description="words of the longest; none for no upper bound")
    sentences: int
    bleu: float = Field(description="cased; the signature is that of the whole set")
    interval: Interval

    @property
    def label(self) -> str:
        """The bounds, for the eye."""
        return f"{self.first}+" if self.last is None else f"{self.first}–{self.last}"


class Likelihood(_Frozen):
    """How likely the references are to the system, under teacher forcing."""

    loss: float = Field(description="nats a target token, the end counted; no label smoothing")
    perplexity: float = Field(description="exp(loss); compares only with the same vocabulary")
    tokens: int = Field(description="target tokens, the end counted")


class AttentionShape(_Frozen):
    """What attention is like over the translations that the system made."""

    entropy: float = Field(description="of a row, in nats, on average")
    normalised_entropy: float = Field(
        description="the same over the logarithm of the number of source tokens, 0 to 1"
    )
    coverage: float = Field(
        description="share of source words that some row attends to most, 0 to 1"
    )
    coverage_deviation: float = Field(
        description="how far the attention a source token got in all is from 1, on average"
    )


class DecodingSpeed(_Frozen):
    """How long translating took, tokenization included."""

    seconds: float
    tokens: int = Field(description="target tokens, ends counted")
    tokens_per_second: float
    sentences_per_second: float


class ScoredSentence(_Frozen):
    """A sentence and what became of it."""

    source: str
    reference: str
    hypothesis: str
    chrf: float = Field(description="chrF2 of this sentence, cased, 0 to 100")
    log_prob: float = Field(description="of the hypothesis, in nats")


class SetReport(_Frozen):
    """Everything measured on one set."""

    name: str
    sentences: int
    text: TextScores
    bleu_interval: Interval = Field(description="of text.bleu, by bootstrap resampling")
    length_ratio: float = Field(description="words of hypotheses over words of references")
    by_length: tuple[LengthScore, ...]
    likelihood: Likelihood
    alignment: dict[AlignmentRule, AlignmentScore] = Field(
        description="of the references under teacher forcing; empty without gold links"
    )
    attention: AttentionShape | None = Field(description="none where nothing is attended to")
    decoding: DecodingSpeed
    translations: tuple[ScoredSentence, ...] = Field(
        description="in the order of the set; none where figures alone are kept"
    )


class SystemReport(_Frozen):
    """What was evaluated."""

    path: str
    kind: Literal["checkpoint", "bundle"]
    name: str
    source_language: str
    target_language: str
    step: int | None = Field(description="of the training, where it is known")
    parameters: int | None = Field(description="numbers learnt, where it is known")
    fingerprint: str | None = Field(description="of a bundle: sha256 of its manifest")
    device: str
    precision: Precision = "float32"


class Options(_Frozen):
    """How it was evaluated."""

    beam: int
    length_penalty: float
    batch_size: int = Field(description="sentences")
    limit: int | None = Field(description="the first sentences of each set only")
    resamples: int = Field(description="of the bootstrap")
    seed: int = Field(description="of the bootstrap")


class Report(_Frozen):
    """An evaluation."""

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
        """Return the figures alone, which may be shared where the texts may not."""
        figures = [found.model_copy(update={"translations": ()}) for found in self.sets]
        return self.model_copy(update={"sets": tuple(figures)})


def read_report(path: Path) -> Report:
    """Read a `report.json`.

    Raises:
        EvaluationError: it cannot be read or is no report.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return Report.model_validate_json(content)
    except ValidationError as error:
        raise EvaluationError(
            f"{path} is no report of this version of `jumok evaluate`; make it again"
        ) from error


def write_report(report: Report, path: Path) -> None:
    """Write a `report.json`.

    Raises:
        OSError: it cannot be written.
    """
    path.write_text(report.model_dump_json(indent=1) + "\n", "utf-8")
