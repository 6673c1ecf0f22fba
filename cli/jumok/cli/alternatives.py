"""The most probable other candidates of each token, as lines."""

import math

from rich.cells import cell_len
from rich.text import Text

from jumok.client.translation import Translation
from jumok.pictures.attention_map import label


def alternatives(translation: Translation) -> list[Text]:
    """A line for each token: its piece, its probability, then those of the others."""
    pieces = [label(token.piece) for token in translation.tokens]
    margin = max(map(cell_len, pieces), default=0)
    lines = []
    for piece, token in zip(pieces, translation.tokens, strict=True):
        line = Text(" " * (margin - cell_len(piece)))
        line.append(piece, "bold").append(f" {_percent(token.log_prob):>4}", "dim")
        for other in token.alternatives:
            line.append(f"  {label(other.piece)}")
            line.append(f" {_percent(other.log_prob)}", "dim")
        lines.append(line)
    return lines


def _percent(log_prob: float) -> str:
    """Whole percents of a natural-log probability."""
    percent = 100 * math.exp(min(log_prob, 0.0))
    return "<1%" if percent < 0.5 else f"{percent:.0f}%"
