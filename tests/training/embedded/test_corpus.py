"""The corpus: translations, alignments, parts and size."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice, pairwise
from random import Random

import pytest

from jumok.training.embedded import hangul
from jumok.training.embedded.clause import Clause
from jumok.training.embedded.conjugation import Closing, Tense
from jumok.training.embedded.corpus import GoldPair, generate, pairs, part_of, passages
from jumok.training.embedded.grammar import CONSTRUCTIONS, Construction
from jumok.training.embedded.nominal import Role, noun_phrase
from jumok.training.embedded.person import DEMONSTRATIVES, NAMES, OTHERS, POSSESSIVES
from jumok.training.embedded.phrase import render
from jumok.training.embedded.place import SCENES
from jumok.training.embedded.verb import TRANSITIVES
from jumok.training.embedded.verbal import verb_group


@pytest.fixture(scope="module")
def sample() -> list[GoldPair]:
    return list(islice(generate(20), 50_000))


@pytest.fixture(scope="module")
def train() -> list[GoldPair]:
    return pairs("train", 100_000, seed=1)


@pytest.fixture(scope="module")
def heldout() -> list[GoldPair]:
    return pairs("test", 500, seed=2) + pairs("dev", 500, seed=3)


def test_deterministic() -> None:
    """A seed draws the same pairs every time; another seed draws others."""
    first = list(islice(generate(7), 300))
    assert first == list(islice(generate(7), 300))
    assert first != list(islice(generate(8), 300))


def test_known_draw() -> None:
    """A seed draws the same pairs on every machine."""
    assert [pair.source for pair in islice(generate(7), 2)] == [
        "그녀는 화요일에 그를 만났어요",
        "민수는 양을 좋아하지 않습니다",
    ]


def test_links_in_range(sample: list[GoldPair]) -> None:
    """Links refer to words, sure links are possible, and every English word is linked."""
    for pair in sample:
        sources, targets = len(pair.source.split()), len(pair.target.split())
        assert pair.sure <= pair.possible
        assert all(0 <= s < sources and 0 <= t < targets for s, t in pair.possible)
        assert {t for _, t in pair.possible} == set(range(targets))
        assert max(Counter(t for _, t in pair.sure).values()) == 1


def test_alignment_not_monotone(sample: list[GoldPair]) -> None:
    """More than a third of neighbouring sure links reverse the Korean order."""
    steps = [
        following < previous
        for pair in sample[:10_000]
        for previous, following in pairwise(s for s, _ in sorted(pair.sure, key=lambda at: at[1]))
    ]
    assert sum(steps) / len(steps) > 1 / 3


def test_english_is_a_function_of_korean(sample: list[GoldPair]) -> None:
    """No Korean sentence has two translations or two alignments."""
    seen: dict[str, GoldPair] = {}
    for pair in sample:
        assert seen.setdefault(pair.source, pair) == pair


def test_sentence_shape(sample: list[GoldPair]) -> None:
    """Sentences are short; only questions end in a question mark, on both sides."""
    for pair in sample:
        assert 2 <= len(pair.source.split()) <= 12
        assert pair.target[0].isupper()
        assert pair.source.endswith("?") == pair.target.endswith("?")
        assert not pair.target.endswith(".")
    length = sum(len(pair.source.split()) for pair in sample) / len(sample)
    assert 4.5 < length < 6.5


def test_student(sample: list[GoldPair]) -> None:
    """나는 학생입니다 occurs, and "am" and "student" are linked to one word."""
    (pair,) = {pair for pair in sample if pair.source == "나는 학생입니다"}
    assert pair.target == "I am a student"
    assert pair.sure == {(0, 0), (1, 1), (1, 3)}
    assert pair.possible == {(0, 0), (1, 1), (1, 2), (1, 3)}


@pytest.mark.parametrize("construction", CONSTRUCTIONS, ids=lambda drawn: drawn.__name__)
def test_construction(construction: Construction) -> None:
    """Every construction draws sentences whose words are all linked."""
    rng = Random(3)
    for _ in range(200):
        source, target, sure, possible = render(*construction(rng))
        assert source
        assert sure <= possible
        assert {t for _, t in possible} == set(range(len(target.split())))


def test_parts_are_stable() -> None:
    """The part depends only on the English sentence."""
    assert part_of("I am a student") == "train"


def test_part_shares(sample: list[GoldPair]) -> None:
    """The parts have about 96, 2 and 2 percent of the sentences."""
    parts = Counter(part_of(target) for target in {pair.target for pair in sample})
    total = sum(parts.values())
    assert parts["train"] / total == pytest.approx(0.96, abs=0.005)
    assert parts["dev"] / total == pytest.approx(0.02, abs=0.005)
    assert parts["test"] / total == pytest.approx(0.02, abs=0.005)


def test_pairs_are_distinct(train: list[GoldPair]) -> None:
    """A part has the requested number of pairs, all different."""
    assert len({(pair.source, pair.target) for pair in train}) == len(train) == 100_000


def test_parts_are_disjoint(train: list[GoldPair], heldout: list[GoldPair]) -> None:
    """Neither side of a held-out pair occurs in training."""
    assert not {pair.source for pair in train} & {pair.source for pair in heldout}
    assert not {pair.target for pair in train} & {pair.target for pair in heldout}


def test_heldout_words_are_known(train: list[GoldPair], heldout: list[GoldPair]) -> None:
    """All words of held-out sentences occur in training."""

    def words(sentences: Iterable[str]) -> set[str]:
        return {word.rstrip("?") for sentence in sentences for word in sentence.split()}

    assert words(pair.source for pair in heldout) <= words(pair.source for pair in train)
    assert words(pair.target for pair in heldout) <= words(pair.target for pair in train)


def test_more_than_a_million_pairs(sample: list[GoldPair]) -> None:
    """The language has well over a million sentences.

    The chance that two draws coincide is the sum of p² over all sentences, and at least one over
    their number. Counting the coincidences among the draws thus bounds the number from below;
    among longer sentences, which are fewer, the bound is the sharper.
    """
    draws = Counter(pair.source for pair in sample if len(pair.source.split()) >= 5)
    total = sum(draws.values())
    coincidences = sum(count * (count - 1) // 2 for count in draws.values())
    assert coincidences > 50, "too few for a sound estimate"
    assert total * (total - 1) / 2 / coincidences > 2_000_000


def test_a_million_in_one_construction() -> None:
    """Past statements with a place and a modified object alone are more than a million.

    They are a product of choices, counted exactly, and different choices make different Korean
    and different English sentences.
    """
    subjects = [*OTHERS, *NAMES]
    determiners = list(dict.fromkeys(DEMONSTRATIVES + POSSESSIVES))
    frames = [
        (verb, place, noun, adjective)
        for verb in dict.fromkeys(TRANSITIVES)
        for place in dict.fromkeys(SCENES.get(verb.adjuncts[-1] if verb.adjuncts else "", ()))
        for noun in verb.objects
        if not noun.abstract
        for adjective in noun.adjectives
    ]
    determiners.remove(next(one for one in determiners if one.korean == "제"))
    rng = Random(1)
    drawn = {
        (rng.choice(subjects), rng.choice(determiners), rng.choice(frames)) for _ in range(10_000)
    }
    sources, targets = set(), set()
    for who, determiner, (verb, place, noun, adjective) in drawn:
        subject = who.phrase(hangul.topic, subject=True)
        group = verb_group(verb.stem, verb.english, subject, Tense.PAST, Closing.FORMAL)
        what = noun_phrase(noun, hangul.accusative, Role.NEW, determiner, adjective)
        clause = Clause(subject, group, what, [place.scene.fragment()])
        source, target, _, _ = render(clause.korean(), clause.statement())
        sources.add(source)
        targets.add(target)
    assert len(sources) == len(targets) == len(drawn)
    assert len(subjects) * len(determiners) * len(frames) > 4_000_000


def test_passages() -> None:
    """A passage consists of the next sentences, with their links shifted."""
    sentences = iter(pairs("train", 900, 0))
    counts = set()
    for passage in passages("train", 300, 0, longest=3):
        source, target, sure, parts = "", "", set[tuple[int, int]](), 0
        while source.strip() != passage.source:
            pair, parts = next(sentences), parts + 1
            sure |= {(a + len(source.split()), b + len(target.split())) for a, b in pair.sure}
            source, target = f"{source} {pair.source}", f"{target} {pair.target}"
        assert target.strip() == passage.target
        assert frozenset(sure) == passage.sure
        counts.add(parts)
    assert counts == {1, 2, 3}


def test_passage_of_one() -> None:
    """Passages of one sentence are the pairs themselves."""
    assert passages("dev", 50, 3, longest=1) == pairs("dev", 50, 3)
