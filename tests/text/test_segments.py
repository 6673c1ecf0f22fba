"""Segments: what is translated of a text, and what is kept."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.text.segments import TokenLimit, find_segments


def parts(text: str, language: str = "ko", most: int = 1000) -> list[str]:
    segments = find_segments(text, language, TokenLimit(len, most))
    return [text[slice(*segment.span)] for segment in segments]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ko", "안녕하세요. 저는 학생입니다!", ["안녕하세요.", "저는 학생입니다!"]),
        ("ko", "3.5km를 걸었어요. 정말요?", ["3.5km를 걸었어요.", "정말요?"]),
        ("ko", "안녕.잘 지내?", ["안녕.", "잘 지내?"]),
        ("de", "Dr. Müller kam am 3. Mai. Ja!", ["Dr. Müller kam am 3. Mai.", "Ja!"]),
        ("de", "Er kam z. B. um 8 Uhr. Gut.", ["Er kam z. B. um 8 Uhr.", "Gut."]),
        ("de-AT", "Siehe https://a.at/b.c?d=1. Ende.", ["Siehe https://a.at/b.c?d=1.", "Ende."]),
        ("en", "He asked, “Why?” I left.", ["He asked, “Why?”", "I left."]),
        ("ja", "これはペンです。あれは本です。", ["これはペンです。", "あれは本です。"]),
    ],
)
def test_a_segment_is_a_sentence(language: str, text: str, expected: list[str]) -> None:
    """A line is divided into its sentences by the rules of its language."""
    assert parts(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("하나\n둘", ["하나", "둘"]),
        ("하나\r\n\r\n둘\r\n", ["하나", "둘"]),
        ("하나\u2028둘\u0085셋", ["하나", "둘", "셋"]),
        ("  하나\n\t둘  \n", ["하나", "둘"]),
        ("- 하나\n  * 둘\n• 셋", ["하나", "둘", "셋"]),
        ("1. 하나\n2) 둘\n(3) 셋", ["하나", "둘", "셋"]),
        ("- [ ] 하나\n- [x] 둘", ["하나", "둘"]),
        ("# 제목\n> 인용", ["제목", "인용"]),
        ("하나\n---\n12:30\n😀\n둘", ["하나", "둘"]),
        ("---\n하나", ["하나"]),
        ("하나\t둘\t 3", ["하나", "둘"]),
        ("| 하나 | 둘 |\n|---|---|", ["하나", "둘"]),
        ("// 하나\n/* 둘\n * 셋", ["하나", "둘", "셋"]),
    ],
)
def test_layout_is_not_translated(text: str, expected: list[str]) -> None:
    """Line breaks, indentation, list markers, and lines without letters are not in segments."""
    assert parts(text) == expected


def test_a_date_is_not_a_list_marker() -> None:
    """A number at the start of a single line belongs to the sentence."""
    assert parts("3. Mai ist ein Feiertag.\nJa.", "de") == ["3. Mai ist ein Feiertag.", "Ja."]
    text = "3. Mai war schön.\nEs regnete.\n4. Mai war besser."
    assert parts(text, "de") == text.splitlines()


@pytest.mark.parametrize("sentence", ["나는 학교에 가요.", "이것은 책입니다! "])
def test_a_long_line_is_divided_into_its_sentences(sentence: str) -> None:
    """The sentences of a line of several thousand characters are found as those of a short one."""
    count = 3000 // len(sentence)
    assert parts(" ".join([sentence.strip()] * count)) == [sentence.strip()] * count


@pytest.mark.parametrize("text", ["나는 학생입니다", "  나는  학생입니다 \n", "- 사과"])
def test_one_sentence_is_one_segment(text: str) -> None:
    """One sentence on one line is a segment with everything around it."""
    assert parts(text) == [text]


@pytest.mark.parametrize("text", ["12", "", "\n \n", "- 12:30\n---", "😀"])
def test_nothing_to_translate(text: str) -> None:
    """A text without any letter has no segment."""
    assert parts(text) == []


def test_a_long_sentence_is_divided_at_the_best_place() -> None:
    """A sentence that is too long is divided after a clause, and the segments tell so."""
    text = "비가 와요. 나는 집에 가고, 너는 학교에 가고, 우리는 저녁에 만나요. 좋아요."
    segments = find_segments(text, "ko", TokenLimit(len, 25))
    assert [(text[slice(*segment.span)], segment.divided) for segment in segments] == [
        ("비가 와요.", False),
        ("나는 집에 가고, 너는 학교에 가고,", True),
        ("우리는 저녁에 만나요.", False),
        ("좋아요.", False),
    ]


def test_a_long_word_is_divided_between_characters() -> None:
    """Text without any boundary is divided into pieces that fit, between whole characters."""
    for letter, first in (("ä", "a"), ("각", "\u1100")):
        text = unicodedata.normalize("NFD", letter * 40)
        found = parts(text, "de", most=10)
        assert "".join(found) == text
        assert all(len(part) <= 10 and part[0] == first for part in found)


@given(
    st.text(st.sampled_from("가나 a.!?,\n\r\t\u2028-*1#>)(\"'😀e\u0301:。"), max_size=80),
    st.sampled_from(["ko", "de", "en", "ja", "xx"]),
    st.integers(1, 20),
)
def test_segments_are_in_order_and_fit(text: str, language: str, most: int) -> None:
    """Segments follow each other, fit, and contain every letter; the rest is layout."""
    segments = find_segments(text, language, TokenLimit(lambda part: len(part.strip()), most))
    place = 0
    for segment in segments:
        start, end = segment.span
        assert place <= start <= end <= len(text)
        assert segment.tokens == len(text[start:end].strip())
        assert segment.tokens <= most or re.fullmatch(".\u0301*", text[start:end].strip())
        if len(segments) > 1:
            assert not any(character.isalpha() for character in text[place:start])
            assert not set(text[start:end]) & set("\n\r\u2028")
            assert start < end
        place = end
    assert len(segments) == 1 or not any(character.isalpha() for character in text[place:])
    assert not any(segment.divided for segment in segments[-1:])
