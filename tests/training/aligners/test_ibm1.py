import pytest

from jumok.training.aligners.ibm1 import IBMModel1

SOURCES = [["das", "haus"], ["das", "buch"], ["ein", "buch"]]
TARGETS = [["the", "house"], ["the", "book"], ["a", "book"]]


@pytest.fixture
def model() -> IBMModel1:
    return IBMModel1(SOURCES, TARGETS).train(20)


def test_probabilities_start_equal_over_the_words_seen_together() -> None:
    """Initial probabilities are uniform over the words seen together."""
    untrained = IBMModel1(SOURCES, TARGETS)
    assert untrained.probability("haus", "house") == 1 / 2
    assert untrained.probability("buch", "house") == 0
    assert untrained.probability(None, "house") == 1 / 4


def test_one_iteration_is_that_of_the_paper() -> None:
    """One iteration counts by the probabilities and normalises by source word."""
    model = IBMModel1([["x", "y"], ["x"]], [["a", "b"], ["a"]]).train(1)
    # Of "a" in the first pair NULL, x and y get 1/3 each, in the second NULL and x 1/2 each.
    assert model.probability("x", "a") == pytest.approx((1 / 3 + 1 / 2) / (1 / 3 + 1 / 2 + 1 / 3))
    assert model.probability("y", "a") == pytest.approx(1 / 2)


def test_words_find_their_translations(model: IBMModel1) -> None:
    """Words that occur together repeatedly become translations of each other."""
    assert model.probability("das", "the") > 0.8
    assert model.probability("buch", "book") > 0.8
    assert model.probability("haus", "house") > model.probability("haus", "the")


def test_probabilities_of_a_source_word_sum_to_one(model: IBMModel1) -> None:
    """The translations of a word, or of NULL, are a distribution."""
    for source in (None, "das", "haus", "buch", "ein"):
        words = ("the", "house", "book", "a")
        assert sum(model.probability(source, word) for word in words) == pytest.approx(1)


def test_alignment_links_each_target_word_to_its_best_source_word(model: IBMModel1) -> None:
    """Each target word is linked to its most probable source word, in any order."""
    assert model.align(["buch", "das"], ["the", "book"]) == {(1, 0), (0, 1)}


def test_words_never_seen_are_not_linked(model: IBMModel1) -> None:
    """Words that did not occur in training have no links."""
    assert model.align(["das", "auto"], ["the", "car"]) == {(0, 0)}


def test_a_word_that_null_explains_best_is_not_linked() -> None:
    """A target word that occurs with every source word is aligned with NULL."""
    sources = [[word] for word in "vwxyz"]
    targets = [[word.upper(), "um"] for word in "vwxyz"]
    model = IBMModel1(sources, targets).train(20)
    assert model.align(["x"], ["um", "X"]) == {(0, 1)}
