"""What is served, in words."""

from dataclasses import dataclass

from jumok.bundle.alignment import AlignmentRule
from jumok.bundle.manifest import Precision


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What a caller may want to know of the model."""

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
