"""Syllable arithmetic and particles."""

import pytest

from jumok.training.embedded import hangul


@pytest.mark.parametrize(
    ("particle", "vowel_final", "consonant_final"),
    [
        (hangul.topic, "나는", "책은"),
        (hangul.nominative, "의사가", "학생이"),
        (hangul.accusative, "커피를", "빵을"),
        (hangul.comitative, "친구와", "선생님과"),
        (hangul.instrumental, "기차로", "펜으로"),
        (hangul.dative, "친구에게", "선생님에게"),
    ],
)
def test_particle_follows_final(
    particle: hangul.Particle, vowel_final: str, consonant_final: str
) -> None:
    """The form of a particle depends on the last syllable of the noun."""
    for form in (vowel_final, consonant_final):
        noun = next(form[:end] for end in range(1, len(form)) if particle(form[:end]) == form)
        assert particle(noun) == form


@pytest.mark.parametrize("noun", ["연필", "칼", "지하철"])
def test_instrumental_after_rieul(noun: str) -> None:
    """After a final ㄹ the instrumental is 로."""
    assert hangul.instrumental(noun) == noun + "로"


def test_final() -> None:
    """The final consonant of a syllable is read and replaced."""
    finals = [hangul.final(word) for word in ("가", "각", "닭", "밥", "있")]
    assert finals == ["", "ㄱ", "ㄺ", "ㅂ", "ㅆ"]
    assert hangul.with_final("하", "ㅂ") == "합"
    assert hangul.with_final("만들", "") == "만드"


def test_vowel() -> None:
    """The vowel of a syllable is read and replaced."""
    vowels = [hangul.vowel(word) for word in ("가", "려", "쉬", "왔")]
    assert vowels == ["ㅏ", "ㅕ", "ㅟ", "ㅘ"]
    assert hangul.with_vowel("오", "ㅘ") == "와"


def test_foreign_letters() -> None:
    """A word that does not end in a Hangul syllable is refused."""
    with pytest.raises(ValueError, match="Hangul"):
        hangul.topic("TV")
