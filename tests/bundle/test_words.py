"""Words of a text, with and without spaces."""

import pytest

from jumok.bundle.words import find_words, word_indices


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("나는  학생입니다.\n", ["나는", "학생입니다."]),
        ("Ich\u00a0bin\u3000da!", ["Ich", "bin", "da!"]),
        ("a\x85b", ["a\x85b"]),
        ("私は学生です。", ["私", "は", "学", "生", "で", "す", "。"]),
        ("コーヒーを2杯", ["コーヒー", "を", "2", "杯"]),
        ("我用Python写，好", ["我", "用", "Python", "写", "，", "好"]),
        ("น้ำดี ๆ", ["น้", "ำ", "ดี", "ๆ"]),
        ("かな\u3099", ["か", "な\u3099"]),
        ("می‌خرد را", ["می‌خرد", "را"]),
        ("𠮷野家 ok", ["𠮷", "野", "家", "ok"]),
        ("\u0e34ก", ["\u0e34", "ก"]),
        ("", []),
        (" \t", []),
    ],
)
def test_find_words(text: str, words: list[str]) -> None:
    """Words are between white space; in scripts without spaces they are characters."""
    spans = find_words(text)
    assert [text[span.start : span.end] for span in spans] == words


def test_every_visible_character_has_a_word() -> None:
    """No character of any script is lost between words."""
    text = "".join(map(chr, [*range(0x21, 0xD800), *range(0xE000, 0x32000)]))
    covered = set().union(*(range(*span) for span in find_words(text)))
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


def test_word_indices() -> None:
    """A position belongs to the word that it is in, or to the next one."""
    assert word_indices([0, 1, 2, 3, 5, 9], find_words("ab cd")) == (0, 0, 1, 1, 1, 1)
