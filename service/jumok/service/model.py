"""A served model: its public description and the objects needed to serve it."""

from dataclasses import dataclass

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.calibration import Calibration
from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Limits, Precision, SpecialIds
from jumok.bundle.tokenizer import Tokenizer
from jumok.runtime.engine import Engine


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """The description that `GetModel` returns; see `jumok.v1.Model`."""

    name: str
    fingerprint: str
    source_language: str
    target_language: str
    max_text_characters: int
    max_source_tokens: int
    max_target_tokens: int
    execution_provider: str
    runtime_version: str
    producer_version: str
    alignment_rule: AlignmentRule
    precision: Precision

    @property
    def summary(self) -> dict[str, str]:
        """What a log line says about the model."""
        return {
            "model": self.name,
            "fingerprint": self.fingerprint[:12],
            "provider": self.execution_provider,
            "precision": self.precision,
        }


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class ServedModel:
    """A bundle with the engine that runs it.

    Attributes:
        description: public description.
        engine: runs the two graphs; only the scheduler's thread uses it.
        source_tokenizer: tokenizer of the source language.
        target_tokenizer: tokenizer of the target language.
        special: ids of the special tokens.
        limits: maximum numbers of source and target tokens.
        stream_rule: alignment rule for translations.
        calibration: of the confidence in a translation; None if the model was not calibrated.
    """

    description: ModelDescription
    engine: Engine
    source_tokenizer: Tokenizer
    target_tokenizer: Tokenizer
    special: SpecialIds
    limits: Limits
    stream_rule: AlignmentRule
    calibration: Calibration | None = None

    @property
    def has_placeholders(self) -> bool:
        """Whether it copies placeholders; see `jumok.bundle.tokenizer`."""
        return self.source_tokenizer.has_placeholders and self.target_tokenizer.has_placeholders

    @classmethod
    def of(cls, bundle: Bundle, engine: Engine, max_text_characters: int) -> "ServedModel":
        """Combine a bundle and its engine; texts have at most `max_text_characters` code points."""
        manifest = bundle.manifest
        return cls(
            description=ModelDescription(
                name=manifest.name,
                fingerprint=bundle.fingerprint,
                source_language=manifest.source_language,
                target_language=manifest.target_language,
                max_text_characters=max_text_characters,
                max_source_tokens=manifest.limits.max_source_tokens,
                max_target_tokens=manifest.limits.max_target_tokens,
                execution_provider=engine.provider,
                runtime_version=engine.runtime_version,
                producer_version=manifest.producer_version,
                alignment_rule=manifest.alignment_rule,
                precision=engine.precision,
            ),
            engine=engine,
            source_tokenizer=bundle.source_tokenizer,
            target_tokenizer=bundle.target_tokenizer,
            special=manifest.special_ids,
            limits=manifest.limits,
            # posterior attention needs a further step per source token, too many for a stream;
            # that of the reading step arrives one step late, so only models that need it use it
            stream_rule="reads" if manifest.alignment_rule == "reads" else "writes",
            calibration=manifest.calibration,
        )
