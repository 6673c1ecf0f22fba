"""Reading word alignments: words, links and malformed lines."""

from pathlib import Path
from typing import Any

import pytest

from jumok.bundle.words import TextSpan
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.training.data.configuration import GoldFile
from jumok.training.data.lines import MalformedLineError
from jumok.training.data.word_alignments import locate, parse_links, read_alignments, read_gold
from jumok.training.errors import DataError

LINKS = frozenset({(0, 1), (2, 0)})
DATA = Path(__file__).parents[4] / "shared" / "data" / "align"


def write(folder: Path, *rows: tuple[str, ...]) -> None:
    """Write rows to gold.tsv."""
    text = "".join("\t".join(row) + "\n" for row in rows)
    (folder / "gold.tsv").write_text(text, "utf-8")


def gold(folder: Path, max_malformed: float = 0, **columns: Any) -> list[SentencePair]:
    """Read gold.tsv."""
    return read_gold(GoldFile(path=Path("gold.tsv"), **columns), folder, max_malformed)


def test_tokens(tmp_path: Path) -> None:
    """Without texts, words are separated by spaces."""
    write(tmp_path, ("책 을 읽어", "read books", "0-1 2-0"))
    alignment = GoldAlignment(LINKS, LINKS)
    assert gold(tmp_path) == [SentencePair("책 을 읽어", "read books", alignment)]


def test_texts(tmp_path: Path) -> None:
    """With texts, the words are located in them, and annotated words are read."""
    write(
        tmp_path,
        ("#links", "ko", "en", "annotated", "ko_text", "en_text"),
        ("0-1 2-0", "책 을 읽어", "read books .", "0 1", "책을 읽어", " read books. "),
    )
    [pair] = gold(
        tmp_path,
        header=True,
        links="links",
        source_tokens="ko",
        target_tokens="en",
        target_annotated="annotated",
        source_text="ko_text",
        target_text="en_text",
    )
    assert (pair.source, pair.target) == ("책을 읽어", "read books.")
    assert pair.alignment == GoldAlignment(LINKS, LINKS, frozenset({0, 1}))
    assert pair.source_words == (TextSpan(0, 1), TextSpan(1, 2), TextSpan(3, 5))
    assert pair.target_words == (TextSpan(0, 4), TextSpan(5, 10), TextSpan(10, 11))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("가 나", "a b", "0-1 2-0"), "the link 2-0 is out of range: 2 and 2 words"),
        (("가 나", "a b", "0-2"), "the link 0-2 is out of range: 2 and 2 words"),
        (("가 나", "a b", ""), "it has no links"),
        (("가 나", "a b", "0-"), "'0-' is not a link such as 0-1"),
        (("가 나", "a b", "0:1"), "'0:1' is not a link such as 0-1"),
        (("가 나", "a b"), "2 columns instead of at least 3"),
    ],
)
def test_malformed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, row: tuple[str, ...], complaint: str
) -> None:
    """Malformed lines are skipped, reported and counted, up to the limit."""
    write(tmp_path, row, ("책", "book", "0-0"))
    assert [pair.source for pair in gold(tmp_path, max_malformed=0.5)] == ["책"]
    assert caplog.messages[0] == f"{tmp_path / 'gold.tsv'}:1: {complaint}; skipped"
    with pytest.raises(DataError, match="1 of 2 lines are malformed"):
        gold(tmp_path)


@pytest.mark.parametrize(
    ("tokens", "text", "complaint"),
    [
        (["a", "c"], "a b c", "the text does not continue with the word 'c'"),
        (["a", "b"], "a b c", "no word covers 'c'"),
        (["a", "b"], "a", "the text does not continue with the word 'b'"),
    ],
)
def test_words_of_another_text(tokens: list[str], text: str, complaint: str) -> None:
    """Words must make up the text in order."""
    with pytest.raises(MalformedLineError, match=complaint):
        locate(tokens, text)


def test_annotated_word_out_of_range(tmp_path: Path) -> None:
    """A line that annotates a word that does not exist is malformed."""
    write(tmp_path, ("책", "book", "0-0", "1"))
    with pytest.raises(DataError, match="1 of 1 lines are malformed"):
        gold(tmp_path, target_annotated=4)


def test_parse_links() -> None:
    """Links are pairs of words, source first; an empty text has none."""
    assert parse_links(" 0-1  2-0 0-1", 3, 2) == LINKS
    assert parse_links("", 3, 2) == frozenset()


def test_read_alignments(tmp_path: Path) -> None:
    """Alignments are read by source and target; words are separated by white space."""
    write(tmp_path, ("책을 다 읽어.", "read books", "0-1 2-0"), ("네", "yes", ""))
    alignments = read_alignments(tmp_path / "gold.tsv", 0)
    assert alignments == {("책을 다 읽어.", "read books"): LINKS, ("네", "yes"): frozenset()}
    write(tmp_path, ("책을", "read books", "1-0"))
    with pytest.raises(DataError, match="1 of 1 lines are malformed"):
        read_alignments(tmp_path / "gold.tsv", 0.9)


@pytest.mark.skipif(not DATA.exists(), reason="the gold alignments are not here")
def test_public_gold() -> None:
    """The two public gold sets load except for lines known to be broken."""
    europarl = GoldFile(path=Path("europarl-bicici-de-en/de-en.gold.tsv"), header=True)
    assert len(read_gold(europarl, DATA, 0.01)) == 99
    pud = GoldFile(
        path=Path("pud-ko-en/pud.ko-en.gold.tsv"),
        header=True,
        source_tokens="ko_tokens",
        target_tokens="en_tokens",
        links=4,
        target_annotated="en_annotated",
        source_text="ko_text",
        target_text="en_text",
    )
    pairs = read_gold(pud, DATA, 0.01)
    assert len(pairs) == 883
    links = sum(len(pair.alignment.sure) for pair in pairs if pair.alignment is not None)
    assert links == 9661
