"""Evaluation, on translations given by hand."""

from collections.abc import Sequence

import pytest

from training.evaluation import evaluate
from training.sentence_pair import GoldAlignment, Links, SentencePair
from training.translation import Translation, Translator

LINK = frozenset({(0, 0)})


class Canned(Translator):
    """Says what it is told to say, and aligns the first words of every pair."""

    def __init__(self, *outputs: str) -> None:
        self._outputs = outputs

    def translate(self, texts: Sequence[str], batch_size: int = 64) -> list[Translation]:
        return [Translation(output, frozenset()) for output in self._outputs]

    def align(self, pairs: Sequence[SentencePair], batch_size: int = 64) -> list[Links]:
        return [LINK for _ in pairs]


def test_perfect() -> None:
    """Translations equal to their references score as high as can be."""
    references = ["the cat sat on the mat", "it was a very old cat"]
    found = evaluate(Canned(*references), [SentencePair("ㄱ", text) for text in references])
    assert (found.sentences, found.exact) == (2, 1)
    assert found.bleu == found.bleu_lowercased == pytest.approx(100)
    assert found.chrf == pytest.approx(100)
    assert [translation.text for translation in found.translations] == references


def test_case() -> None:
    """Case counts for BLEU and not for BLEU on lower-cased text."""
    pair = SentencePair("ㄱ", "The Cat sat on the mat")
    found = evaluate(Canned("the cat sat on the mat"), [pair])
    assert found.bleu_lowercased == pytest.approx(100)
    assert 0 < found.bleu < 100
    assert found.exact == 0


def test_half() -> None:
    """Of two translations one exact is a half."""
    pairs = [SentencePair("ㄱ", "one two three four"), SentencePair("ㄴ", "five six seven eight")]
    found = evaluate(Canned("one two three four", "nothing of that"), pairs)
    assert found.exact == 0.5
    assert 0 < found.bleu < 100
    assert 0 < found.chrf < 100


def test_signatures() -> None:
    """Each figure comes with sacreBLEU's signature."""
    found = evaluate(Canned("a"), [SentencePair("ㄱ", "a b c d")])
    assert found.signatures["bleu"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|")
    assert "case:lc" in found.signatures["bleu_lowercased"]
    assert found.signatures["chrf"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|")


def test_no_gold_alignment() -> None:
    """Without gold alignments there is no alignment error rate."""
    assert evaluate(Canned("a"), [SentencePair("ㄱ", "a")]).alignment is None


def test_alignment() -> None:
    """The alignment error rate is over the pairs that have gold alignments."""
    gold = GoldAlignment(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1)}))
    pairs = [SentencePair("ㄱ", "a"), SentencePair("ㄴ ㄷ", "b c", gold)]
    found = evaluate(Canned("a", "b c"), pairs).alignment
    assert found is not None
    assert found.error_rate == pytest.approx(1 - (1 + 1) / (1 + 2))
