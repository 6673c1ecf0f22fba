"""A served model: what callers may know of it, and what serving it takes."""

from dataclasses import dataclass

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Limits, Precision, SpecialIds
from jumok.bundle.tokenizer import Tokenizer
from jumok.runtime.engine import Engine


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What `GetModel` returns, as `jumok.v1.Model` documents it."""

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


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A bundle with the engine that runs it.

    Attributes:
        description: for callers.
        engine: runs the two graphs; used by the scheduler's thread alone.
        source_tokenizer: of the texts to translate.
        target_tokenizer: of the translations.
        special: token ids with a meaning of their own.
        limits: sizes that the model was checked for.
        stream_rule: how links are read off the attention of a translation.
    """

    description: ModelDescription
    engine: Engine
    source_tokenizer: Tokenizer
    target_tokenizer: Tokenizer
    special: SpecialIds
    limits: Limits
    stream_rule: AlignmentRule

    @classmethod
    def of(cls, bundle: Bundle, engine: Engine, max_text_characters: int) -> "ServedModel":
        """Describe `bundle`, opened as `engine`, for texts of so many code points at most."""
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
            # the posterior takes a step more per source token, too many for a stream; the
            # attention of the reading step comes a step late, so only models that need it use it
            stream_rule="reads" if manifest.alignment_rule == "reads" else "writes",
        )
