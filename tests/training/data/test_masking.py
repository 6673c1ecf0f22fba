"""Protected text in sentence pairs."""

from jumok.bundle.tokenizer import PLACEHOLDERS
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.training.data.masking import masked


def mask(source: str, target: str) -> tuple[str, str]:
    (pair,) = masked([SentencePair(source, target)])
    return pair.source, pair.target


def test_equal_text_gets_equal_placeholders() -> None:
    """What both sides have in common is replaced by the same placeholder."""
    source, target = mask("{a}님, https://a.org를 보세요.", "{a}, see https://a.org.")
    first, second = source[0], source[4]
    assert {first, second} <= set(PLACEHOLDERS)
    assert first != second
    assert (source, target) == (f"{first}님, {second}를 보세요.", f"{first}, see {second}.")


def test_other_text_is_left() -> None:
    """Text that only one side has, or more often than the other, is not replaced."""
    for pair in [("{a} 가", "a"), ("{a} {a}", "{a}"), ("가", "a"), ("%s" * 9, "%s" * 9)]:
        assert mask(*pair) == pair


def test_all_placeholders_are_learnt() -> None:
    """Placeholders are drawn anew for each pair, reproducibly."""
    pairs = [SentencePair("{a} 가", "{a} x")] * 200
    found = list(masked(pairs))
    assert {pair.source[0] for pair in found} == set(PLACEHOLDERS)
    assert found == list(masked(pairs))


def test_alignments_of_other_words_are_dropped() -> None:
    """A pair keeps its alignment only if its words are the same in number."""
    links = GoldAlignment(frozenset({(1, 1)}), frozenset({(1, 1)}))
    kept, dropped = masked(
        [
            SentencePair("{a} 가", "{a} x", alignment=links),
            SentencePair("`a b` 가", "`a b` x", alignment=links),
        ]
    )
    assert kept.alignment == links
    assert dropped.alignment is None
