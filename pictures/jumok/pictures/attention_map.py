"""Attention as a labelled matrix, ready to be drawn."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Weights, float [target, source], and what stands at each of the two sides.

    Labels are for the eye: composed (NFC), with nothing that does not print.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


def label(text: str) -> str:
    """Make a label of a text: compose it, and replace what does not print."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(character if character.isprintable() else "�" for character in composed)
