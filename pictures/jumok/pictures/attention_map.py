"""Attention as a labelled matrix, ready to be drawn."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Weights, float [target, source], with the labels of both sides.

    Labels are composed (NFC) and contain printable characters only.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


def label(text: str) -> str:
    """Make a label of a text: compose it, and replace characters that do not print."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(character if character.isprintable() else "�" for character in composed)
