"""Evaluation, on translations given by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from jumok.training.alignment_error import AlignmentScore
from jumok.training.evaluation import evaluate
from jumok.training.sentence_pair import GoldAlignment, SentencePair
from jumok.training.translation import Translation, Translator


class Canned(Translator):
    """Says what it is told to say, and attends to the words of the source one after the other."""

    def __init__(self, *outputs: str) -> None:
        self._outputs = outputs

    def translate(
        self,
        texts: Sequence[str],
        beam: int = 1,
        length_penalty: float = 1.0,
        batch_size: int = 64,
    ) -> list[Translation]:
        return [_monotone(text, output) for text, output in zip(texts, self._outputs, strict=True)]

    def force(self, pairs: Sequence[SentencePair], batch_size: int = 64) -> list[Translation]:
        return [_monotone(pair.source, pair.target) for pair in pairs]


def _monotone(source: str, target: str) -> Translation:
    sources, targets = len(source.split()), len(target.split())
    attention = np.eye(targets + 1, sources + 1, dtype=np.float32)
    return Translation(
        target,
        (5,) * targets,
        np.zeros(targets + 1, dtype=np.float32),
        attention,
        tuple(range(sources)),
        tuple(range(targets)),
        posterior=attention,
    )


def test_perfect() -> None:
    """Translations equal to their references score as high as can be."""
    references = ["the cat sat on the mat", "it was a very old cat"]
    found = evaluate(Canned(*references), [SentencePair("ㄱ", text) for text in references])
    assert (found.sentences, found.text.exact) == (2, 1)
    assert found.text.bleu == found.text.bleu_lowercased == pytest.approx(100)
    assert found.text.chrf == pytest.approx(100)
    assert [translation.text for translation in found.translations] == references


def test_case() -> None:
    """Case counts for BLEU and not for BLEU on lower-cased text."""
    pair = SentencePair("ㄱ", "The Cat sat on the mat")
    found = evaluate(Canned("the cat sat on the mat"), [pair])
    assert found.text.bleu_lowercased == pytest.approx(100)
    assert 0 < found.text.bleu < 100
    assert found.text.exact == 0


def test_half() -> None:
    """Of two translations one exact is a half."""
    pairs = [SentencePair("ㄱ", "one two three four"), SentencePair("ㄴ", "five six seven eight")]
    found = evaluate(Canned("one two three four", "nothing of that"), pairs)
    assert found.text.exact == 0.5
    assert 0 < found.text.bleu < 100
    assert 0 < found.text.chrf < 100


def test_signatures() -> None:
    """Each figure comes with sacreBLEU's signature."""
    found = evaluate(Canned("a"), [SentencePair("ㄱ", "a b c d")])
    assert found.text.signatures["bleu"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|")
    assert "case:lc" in found.text.signatures["bleu_lowercased"]
    assert found.text.signatures["chrf"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|")


def test_no_gold_alignment() -> None:
    """Without gold alignments there is no alignment error rate."""
    assert evaluate(Canned("a"), [SentencePair("ㄱ", "a")]).alignment == {}


def test_alignment() -> None:
    """The alignment error rates are over the pairs that have gold alignments."""
    gold = GoldAlignment(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1)}))
    pairs = [SentencePair("ㄱ", "a"), SentencePair("ㄴ ㄷ", "b c", gold)]
    found = evaluate(Canned("a", "nothing of that"), pairs).alignment
    assert found["writes"] == AlignmentScore(0, 1, 1, sentences=1)
    # a step later the first word's step attends to the second word, and the second's to the end
    assert found["reads"] == AlignmentScore(1, 0, 0, sentences=1)
