"""Sentences on what may be wrong with a translation."""

from collections.abc import Iterator
from typing import Final

from jumok.client.events import FinishReason, WarningKind
from jumok.client.translation import Translation

_WARNINGS: Final = {
    WarningKind.SCRIPT: "is not written in the script of the model's source language",
    WarningKind.REPETITION: "has a translation that repeats words, which may be wrong",
    WarningKind.UNATTENDED: "has words that got hardly any attention and may be missing",
    WarningKind.LENGTH: "has a translation of an unlikely length, which may be wrong",
}


def remarks(translation: Translation) -> Iterator[str]:
    """Yield a sentence for each thing to check."""
    if translation.result.finish_reason is FinishReason.LENGTH:
        count = len(translation.tokens)
        yield f"cut at {count} tokens, the most that the model or you allow"
    for warning in translation.result.hypotheses[0].warnings:
        if warning.kind in _WARNINGS:
            segments = translation.source.segments
            where = f"sentence {warning.segment + 1}" if segments else "the text"
            yield f"{where} {_WARNINGS[warning.kind]}"
