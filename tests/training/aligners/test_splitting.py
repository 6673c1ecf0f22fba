import pytest

from jumok.bundle.words import TextSpan
from jumok.training.aligners.splitting import Scheme, Units, make_splitter, split, word_links


@pytest.mark.parametrize(
    ("scheme", "units"),
    [
        ("words", ("python", "의", "대통령에게는", ",", "3", ".", "5")),
        ("prefixes", ("pyt", "의", "대통령", ",", "3", ".", "5")),
        ("particles", ("python", "의", "대통령", "에게는", ",", "3", ".", "5")),
    ],
)
def test_schemes(scheme: Scheme, units: tuple[str, ...]) -> None:
    """Each scheme splits words into units, which keep the index of their word."""
    found = split("Python의 대통령에게는, 3.5", None, make_splitter(scheme, []))
    assert found.forms == units
    assert found.words[:2] == (0, 0)
    assert found.words[2] == 1
    assert found.words[-3:] == (2, 2, 2)


@pytest.mark.parametrize("word", ["사과", "나는", "까지"])
def test_short_words_keep_what_looks_like_a_particle(word: str) -> None:
    """No particle is split off if fewer than two syllables would remain."""
    assert make_splitter("particles", [])(word) == (word,)


def test_gold_words_are_split_by_themselves() -> None:
    """Units never cross the boundaries of given words."""
    units = split(
        "수준이지만.", (TextSpan(0, 2), TextSpan(2, 5), TextSpan(5, 6)), make_splitter("words", [])
    )
    assert units == Units(("수준", "이지만", "."), (0, 1, 2))


def test_pieces_join_to_their_word() -> None:
    """The SentencePiece pieces of a word make up the word."""
    texts = ["나는 학교에 갑니다", "너는 학교에서 옵니다", "우리는 집에 갑니다"] * 3
    splitter = make_splitter("pieces", texts)
    units = split("우리는 학교에서", None, splitter)
    assert "".join(units.forms) == "우리는학교에서"
    assert "▁" not in "".join(units.forms)
    assert set(units.words) == {0, 1}


def test_a_word_of_nothing_that_a_scheme_knows_is_a_unit() -> None:
    """Every word has at least one unit, so that indices do not shift."""
    assert split("_ \u200d a", None, make_splitter("words", [])).words == (0, 1, 2)


def test_links_between_units_are_links_between_words() -> None:
    """Links between units of the same words become one link."""
    source, target = Units(("a", "b", "c"), (0, 0, 1)), Units(("x", "y"), (0, 0))
    assert word_links(frozenset({(0, 0), (1, 1), (2, 1)}), source, target) == {(0, 0), (1, 0)}
