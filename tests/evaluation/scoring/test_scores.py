"""Scores of given translations."""

from collections.abc import Sequence

import pytest

from jumok.evaluation.scoring.alignment_error import AlignmentScore
from jumok.evaluation.scoring.scores import Evaluation, evaluate
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from tests.evaluation.conftest import Canned


def scored(
    outputs: Sequence[str], pairs: Sequence[SentencePair], language: str = "en"
) -> Evaluation:
    """Evaluate a system that translates each source to the output in the same place."""
    sources = (pair.source for pair in pairs)
    return evaluate(Canned(dict(zip(sources, outputs, strict=True))), pairs, language)


def test_perfect() -> None:
    """Translations equal to their references have the highest scores."""
    references = ["the cat sat on the mat", "it was a very old cat"]
    found = scored(
        references,
        [SentencePair(source, text) for source, text in zip("ㄱㄴ", references, strict=True)],
    )
    assert (found.sentences, found.text.exact) == (2, 1)
    assert found.text.bleu == found.text.bleu_lowercased == pytest.approx(100)
    assert found.text.chrf == pytest.approx(100)
    assert [translation.text for translation in found.translations] == references


def test_case() -> None:
    """BLEU is cased; BLEU of lower-cased text is not."""
    pair = SentencePair("ㄱ", "The Cat sat on the mat")
    found = scored(["the cat sat on the mat"], [pair])
    assert found.text.bleu_lowercased == pytest.approx(100)
    assert 0 < found.text.bleu < 100
    assert found.text.exact == 0


def test_half() -> None:
    """If one of two translations is exact, half are."""
    pairs = [SentencePair("ㄱ", "one two three four"), SentencePair("ㄴ", "five six seven eight")]
    found = scored(["one two three four", "nothing of that"], pairs)
    assert found.text.exact == 0.5
    assert 0 < found.text.bleu < 100
    assert 0 < found.text.chrf < 100


def test_signatures() -> None:
    """Each score has sacreBLEU's signature."""
    found = scored(["a"], [SentencePair("ㄱ", "a b c d")])
    assert found.text.signatures["bleu"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|")
    assert "case:lc" in found.text.signatures["bleu_lowercased"]
    assert found.text.signatures["chrf"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|")


def test_several_references() -> None:
    """A translation may match any of the references; pairs may have different numbers of them."""
    pairs = [
        SentencePair("ㄱ", "one two three four", references=("five six seven eight",)),
        SentencePair("ㄴ", "a b c d"),
    ]
    found = scored(["five six seven eight", "a b c d"], pairs).text
    assert (found.bleu, found.chrf) == pytest.approx((100, 100))
    assert found.exact == 1
    # a missing reference is not one of length 0, which would excuse a translation that is too short
    short = scored(["five six seven eight", "a b"], pairs).text
    assert short.bleu < 80
    assert "nrefs:var" in short.signatures["bleu"]


@pytest.mark.parametrize("language", ["ja", "zh", "zh-Hant-TW", "th", "lo", "km", "my"])
def test_no_spaces(language: str) -> None:
    """BLEU of a language without spaces is not 0 unless whole sentences match."""
    pair = SentencePair("a", "昨天他在市场上买了三个苹果")
    found = scored(["今天他在市场上买了三个苹果"], [pair], language).text
    assert 20 < found.bleu < 100
    assert "tok:13a" not in found.signatures["bleu"]


def test_no_gold_alignment() -> None:
    """Without gold alignments there is no alignment error rate."""
    assert scored(["a"], [SentencePair("ㄱ", "a")]).alignment == {}


def test_alignment() -> None:
    """Alignment error rates are computed on the pairs with gold alignments."""
    gold = GoldAlignment(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1)}))
    pairs = [SentencePair("ㄱ", "a"), SentencePair("ㄴ ㄷ", "b c", gold)]
    found = scored(["a", "nothing of that"], pairs).alignment
    assert found["writes"] == AlignmentScore(0, 1, 1, sentences=1)
    # a step later the first word's step attends to the second word, and the second's to the end
    assert found["reads"] == AlignmentScore(1, 0, 0, sentences=1)
