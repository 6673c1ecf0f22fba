"""Division into parts by group, and comparison of spelling variants."""

import pytest

from jumok.training.data.configuration import HeldOut
from jumok.training.data.held_out import part_of
from jumok.training.data.parallel_text import Row
from jumok.training.data.similarity import normalised


def test_part_is_of_the_group() -> None:
    """Without group, the target determines the part, which keeps paraphrases together."""
    half = HeldOut(dev=0.3, test=0.3)
    parts = {part_of(Row("a", f"t{n}"), half) for n in range(50)}
    assert parts == {"train", "dev", "test"}
    for n in range(50):
        assert part_of(Row("a", f"t{n}"), half) == part_of(Row("b", f"t{n}"), half)
        assert part_of(Row("a", "x", f"g{n}"), half) == part_of(Row("b", "y", f"g{n}"), half)


@pytest.mark.parametrize(
    "other",
    [
        "ABBA – don't stop, 3.5!",
        "  abba  don't\tstop   3.5 ",
        "ab ba don'tstop 3.5",
        "“Abba”: (don't) stop... 3.5",
        "ＡＢＢＡ don't stop 3.5",
        "¿Abba? don't stop **3.5**",
    ],
)
def test_same_sentence(other: str) -> None:
    """Case, Unicode form, white space and punctuation at the edges of words are ignored."""
    assert normalised(other) == normalised("Abba don't stop 3.5")


@pytest.mark.parametrize("other", ["abba dont stop 3.5", "abba don't stop 35", "abba don't stop"])
def test_other_sentence(other: str) -> None:
    """Characters inside words and all words are significant."""
    assert normalised(other) != normalised("Abba don't stop 3.5")


def test_nothing_but_signs() -> None:
    """Texts without words are not all equal."""
    assert normalised("?!") == "?!"
    assert normalised("…") != normalised("?!")
