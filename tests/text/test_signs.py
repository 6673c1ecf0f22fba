"""Signs that a translation may be wrong."""

import numpy as np
import pytest

from jumok.text.signs import find_signs, has_other_script, repeats


def signs(source: str, target: str, attention: list[list[float]], language: str = "ko") -> set[str]:
    words = range(len(attention[0]))
    return set(find_signs(source, language, words, target, np.array(attention, np.float32)))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("This is English.", "ko", True),
        ("나는 학생입니다", "ko-KR", False),
        ("나는 LG 팬", "ko", False),
        ("NATO", "ko", True),
        ("USA", "ko", False),
        ("나는 학생입니다", "de", True),
        ("Ich heiße Žižek", "de", False),
        ("Я студент", "ru", False),
        ("私は学生です", "ja", False),
        ("12:30", "ko", False),
    ],
)
def test_other_script(text: str, language: str, expected: bool) -> None:
    """A text that is mostly in another script is told; a short name is not."""
    assert has_other_script(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the end of the end of the house", True),
        ("no no no", True),
        ("Really, really good.", False),
        ("the boat and the house and the dog", False),
        ("in the US in the UK in the EU in the sea", True),
        ("I am a student", False),
        ("", False),
    ],
)
def test_repetition(text: str, expected: bool) -> None:
    """Repeated words are told from ordinary sentences."""
    assert repeats(text) == expected


def test_no_signs() -> None:
    """A sentence whose words are all attended to has no sign."""
    assert signs("나는 학생", "I am", [[0.9, 0.1], [0.1, 0.9]]) == set()


def test_unattended_words() -> None:
    """Source words without attention are told if there are two, and a third of all."""
    assert signs("가 나 다", "a", [[1, 0, 0]]) == {"unattended"}
    assert signs("가 나 다", "a b", [[1, 0, 0], [0, 1, 0]]) == set()


def test_length() -> None:
    """A translation that is far too long or too short is told."""
    row = [[0.5, 0.5]]
    assert signs("가 나", "a", row * 12) == {"length"}
    assert signs("가 나", "a", row * 11) == set()


def test_all_signs_are_independent() -> None:
    """A translation can have several signs; a repetition of the source is none."""
    assert signs("abcd", "no no no", [[1]] * 3) == {"script", "repetition"}
    assert signs("아니 아니 아니", "no no no", [[0.3, 0.3, 0.4]] * 3) == set()
