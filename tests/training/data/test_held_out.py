"""What is held out: by group, and by what spellings of a sentence share."""

import pytest

from jumok.training.data.configuration import HeldOut
from jumok.training.data.held_out import normalised, part_of
from jumok.training.data.parallel_text import Row


def test_part_is_of_the_group() -> None:
    """Without a group, the target decides: translations of one sentence stay together."""
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
    """Case, Unicode form, white space and punctuation at the edges of words do not count."""
    assert normalised(other) == normalised("Abba don't stop 3.5")


@pytest.mark.parametrize("other", ["abba dont stop 3.5", "abba don't stop 35", "abba don't stop"])
def test_other_sentence(other: str) -> None:
    """What stands inside a word counts, and so does every word."""
    assert normalised(other) != normalised("Abba don't stop 3.5")


def test_nothing_but_signs() -> None:
    """Texts without a word are not all one."""
    assert normalised("?!") == "?!"
    assert normalised("…") != normalised("?!")
