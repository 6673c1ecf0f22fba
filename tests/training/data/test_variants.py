"""Variants of training pairs."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.training.data.configuration import Variants
from jumok.training.data.variants import varied
from jumok.training.errors import DataError

NAMES = """\
ko\ten\tkind
톰\tTom\tgiven
앤\tAnne\tgiven
마이클\tMichael\tgiven
나이절\tNigel\tgiven
메리\tMary\tgiven
사라\tSarah\tgiven
서울\tSeoul\tcity
뉴욕\tNew York\tcity
로스앤젤레스\tLos Angeles\tcity
"""


def vary(pairs: list[tuple[str, str]], times: int = 200, **shares: Any) -> list[tuple[str, str]]:
    """Vary copies of pairs; only what is asked for."""
    copies = [SentencePair(*pair) for pair in pairs] * times
    found = varied(copies, Variants(renamed=0, **shares), Path())
    return [(pair.source, pair.target) for pair in found]


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """A table of names."""
    (tmp_path / "names.tsv").write_text(NAMES, "utf-8")
    return tmp_path / "names.tsv"


def renamed(names: Path, pair: tuple[str, str]) -> set[tuple[str, str]]:
    """Replace the names of a pair many times."""
    found = varied([SentencePair(*pair)] * 200, Variants(names=names, renamed=1), Path())
    return {(pair.source, pair.target) for pair in found}


def test_hidden_names(names: Path) -> None:
    """A name is replaced by text that a translation copies, the same on both sides."""
    pairs = [SentencePair("톰이 서울에 갔다.", "Tom went to Seoul.")] * 100
    found = varied(pairs, Variants(names=names, renamed=0, hidden=1), Path())
    for pair in found:
        assert ("톰" in pair.source) == ("Tom" in pair.target)
        assert ("서울" in pair.source) == ("Seoul" in pair.target)
        assert ("톰" in pair.source) != ("서울" in pair.source)
    assert len({pair.source for pair in found}) > 50
    unknown = [SentencePair("그가 갔다.", "He went.")]
    assert varied(unknown, Variants(names=names, renamed=0, hidden=1), Path()) == unknown


def test_nothing() -> None:
    """By default nothing is varied."""
    pairs = [SentencePair("톰이 3번 버스를 탔다.", "Tom took bus 3.")] * 50
    assert varied(pairs, Variants(), Path()) == pairs


def test_reproducible() -> None:
    """The same pairs are varied in the same way, and copies of a pair in different ways."""
    shares: dict[str, Any] = {"joined": 0.3, "copied": 0.5, "renumbered": 0.5, "unpunctuated": 0.3}
    pairs = [("3번 버스", "Bus 3"), ("책이다.", "It is a book.")]
    first = vary(pairs, **shares)
    assert first == vary(pairs, **shares)
    assert len(set(first)) > 50


def test_names_keep_particles(names: Path) -> None:
    """A name is replaced by one of its kind after which Korean particles are the same."""
    assert renamed(names, ("톰은 서울에 간다", "Tom goes to Seoul")) == {
        ("톰은 서울에 간다", "Tom goes to Seoul"),
        ("앤은 서울에 간다", "Anne goes to Seoul"),
    }
    # 마이클 and 나이절 end in ㄹ, 메리 and 사라 in a vowel: 로 or 으로, 를 or 을
    assert {target for _, target in renamed(names, ("마이클로 하자.", "Let's take Michael."))} == {
        "Let's take Michael.",
        "Let's take Nigel.",
    }
    assert renamed(names, ("메리가 사라를 봤다", "Mary saw Sarah")) >= {
        ("사라가 메리를 봤다", "Sarah saw Mary"),
    }


def test_names_on_both_sides(names: Path) -> None:
    """A word that is a name on one side only, or twice, or part of another word, is kept."""
    for pair in (
        ("그는 톰이 아니다", "He is another man"),
        ("톰, 톰!", "Tom, Tom!"),
        ("카톰이 왔다", "Tomorrow Tom came"),
    ):
        assert renamed(names, pair) == {pair}


def test_names_of_several_words(names: Path) -> None:
    """A name is replaced by one of as many words, so that word alignments remain valid."""
    assert renamed(names, ("뉴욕에 산다", "I live in New York")) == {
        ("뉴욕에 산다", "I live in New York"),
    }
    assert renamed(names, ("로스앤젤레스에 산다", "I live in Los Angeles")) == {
        ("로스앤젤레스에 산다", "I live in Los Angeles"),
    }


def test_numbers() -> None:
    """Numbers on both sides become others in the same range; years stay years."""
    found = vary(
        [("2019년 5월 20일, 34명", "34 people on 20 May 2019"), ("1개", "1")], renumbered=1
    )
    changed = [pair for pair in found if pair != ("1개", "1")]
    assert len(changed) == 200
    for source, target in changed:
        year, day, count = source.split("년")[0], source.split()[2][:-2], source.split()[3][:-1]
        assert source == f"{year}년 5월 {day}일, {count}명"
        assert target == f"{count} people on {day} May {year}"
        assert 1900 <= int(year) < 2040
        assert 13 <= int(day) < 25


def test_ordinals_stay() -> None:
    """An ordinal, whose ending would change, keeps its number."""
    assert set(vary([("3번째", "the 3rd")], renumbered=1)) == {("3번째", "the 3rd")}


def test_punctuation_and_case() -> None:
    """Final punctuation, lower case and capitals change as asked; capitals need a cased script."""
    pairs = [("Wer bist du?", "Who are you?"), ("누구야?", "Who is it?"), ("!", "!")]
    assert set(vary(pairs, unpunctuated=1)) == {
        ("Wer bist du", "Who are you"),
        ("누구야", "Who is it"),
        ("!", "!"),
    }
    assert set(vary(pairs, lowercased=1)) == {("wer bist du?", "Who are you?"), *pairs[1:]}
    assert set(vary(pairs, capitalised=1)) == {("WER BIST DU?", "WHO ARE YOU?"), *pairs[1:]}


def test_shares() -> None:
    """A share is that of the pairs."""
    counts = Counter(vary([("가.", "a.")], times=2000, unpunctuated=0.25))
    assert counts["가", "a"] / 2000 == pytest.approx(0.25, abs=0.04)


def test_joined() -> None:
    """Two short sentences become one text, with the alignments of both."""
    both = frozenset({(0, 0), (1, 1)})
    one = SentencePair("나는 가.", "I go.", GoldAlignment(both, both))
    two = SentencePair("너는 와.", "You come.", GoldAlignment(both, both))
    longer = SentencePair("가" * 90 + ".", "a" * 90 + ".")
    found = varied([one, two] * 50, Variants(joined=1), Path())
    assert {(pair.source, pair.target) for pair in found} == {
        ("나는 가.", "I go."),  # not joined to itself
        ("너는 와.", "You come."),
        ("나는 가. 너는 와.", "I go. You come."),
        ("너는 와. 나는 가.", "You come. I go."),
    }
    links = frozenset({(0, 0), (1, 1), (2, 2), (3, 3)})
    assert {pair.alignment for pair in found if len(pair.source) > 6} == {
        GoldAlignment(links, links)
    }
    assert varied([longer] * 50, Variants(joined=1), Path()) == [longer] * 50
    unpunctuated = [SentencePair("가", "go")] * 50
    assert varied(unpunctuated, Variants(joined=1), Path()) == unpunctuated


def test_copied() -> None:
    """What is added is the same on both sides."""
    found = vary([("그는 갔다.", "He left.")], copied=1)
    assert len(set(found)) > 100
    for source, target in found:
        before, _, after = source.partition("그는 갔다.")
        assert target == f"{before}He left.{after}"
        assert before or after


def test_alignment_is_dropped() -> None:
    """Links to a word that is removed, or after words that are added, are not kept."""
    links = frozenset({(0, 0), (1, 1)})
    pair = SentencePair("가 !", "Go !", GoldAlignment(links, links))
    (bare,) = varied([pair], Variants(unpunctuated=1), Path())
    assert (bare.source, bare.target, bare.alignment) == ("가", "Go", None)
    found = varied([pair] * 50, Variants(copied=1, unpunctuated=1), Path())
    assert all(each.alignment is None for each in found)


def test_german_names(tmp_path: Path) -> None:
    """A name in a script with spaces is replaced as a whole word only."""
    table = tmp_path / "names.tsv"
    table.write_text("de\ten\tkind\nTom\tTom\tgiven\nHans\tHans\tgiven\n", "utf-8")
    for pair in (("Er gibt ihm Tomaten", "He gives Tom tomatoes"), ("Toms Auto", "Tom's car")):
        assert renamed(table, pair) == {pair}
    assert ("Hans kommt", "Hans comes") in renamed(table, ("Tom kommt", "Tom comes"))


@pytest.mark.parametrize(
    "pair",
    [
        ("14명 중 3번째", "the 3rd of 14 people"),
        ("90년대", "the 90s"),
        ("18살 소년", "an 18 year old boy"),
        ("4는 짝수다", "4 is even"),
    ],
)
def test_numbers_with_endings(pair: tuple[str, str]) -> None:
    """A number is kept if another one would need another ending, article or particle."""
    kept = {source for source, _ in vary([pair], renumbered=1)}
    assert all(pair[0].split("명")[-1] in source for source in kept)
    assert len(kept) == 1 or "14" in pair[0]


def test_missing_names(tmp_path: Path) -> None:
    """A table of names that cannot be read is an error."""
    with pytest.raises(DataError, match=r"names\.tsv cannot be read"):
        varied([], Variants(names=Path("names.tsv")), tmp_path)
