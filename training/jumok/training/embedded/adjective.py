"""The adjectives."""

from dataclasses import dataclass
from typing import Literal, cast

from jumok.training.embedded.conjugation import Stem


@dataclass(frozen=True, slots=True)
class Adjective:
    """A Korean descriptive verb and its English adjective."""

    stem: Stem
    english: str

    @property
    def predicative(self) -> bool:
        """Whether it can be a predicate in any tense; 낡다 describes what has become old."""
        return self.stem.text != "낡"

    @property
    def short(self) -> bool:
        """Whether it can be negated by 안, which sounds odd with long or derived stems."""
        return (
            len(self.stem.text) <= 2
            and self.stem.irregular != "ㅎ"
            and not (self.stem.text.endswith(("하", "있")))
        )


def _read(text: str) -> dict[str, Adjective]:
    """Parse `stem=english` and `stem/irregular=english` entries; return them by stem."""
    adjectives = {}
    for entry in text.split():
        korean, english = entry.split("=")
        stem, _, irregular = korean.partition("/")
        kind = cast(Literal["", "ㅂ", "ㄷ", "르", "ㅎ"], irregular)
        adjectives[stem] = Adjective(Stem(stem, kind, descriptive=True), english)
    return adjectives


_ADJECTIVES = _read("""
    크=big 작=small 예쁘=pretty 좋=good 비싸=expensive 싸=cheap 맛있=delicious
    재미있=interesting 아름답/ㅂ=beautiful 무겁/ㅂ=heavy 가볍/ㅂ=light 빠르/르=fast 느리=slow
    길=long 짧=short 낡=old 새롭/ㅂ=new 깨끗하=clean 더럽/ㅂ=dirty 친절하=kind 똑똑하=smart
    유명하=famous 바쁘=busy 피곤하=tired 아프=sick 슬프=sad 행복하=happy 배고프=hungry 젊=young
    조용하=quiet 덥/ㅂ=hot 춥/ㅂ=cold 뜨겁/ㅂ=hot 차갑/ㅂ=cold 따뜻하=warm 넓=spacious
    어렵/ㅂ=difficult 쉽/ㅂ=easy 빨갛/ㅎ=red 파랗/ㅎ=blue 하얗/ㅎ=white 귀엽/ㅂ=cute
""")


def adjectives(stems: str) -> tuple[Adjective, ...]:
    """Return the adjectives with these stems."""
    return tuple(_ADJECTIVES[stem] for stem in stems.split())
