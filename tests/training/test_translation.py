"""Translation of texts with the tiny model."""

from pathlib import Path

import pytest

from training.checkpoint import Checkpoint, load_checkpoint
from training.sentence_pair import SentencePair
from training.translation import Translator


@pytest.fixture(scope="module")
def checkpoint(tiny_run: Path) -> Checkpoint:
    return load_checkpoint(tiny_run)


@pytest.fixture(scope="module")
def translator(checkpoint: Checkpoint) -> Translator:
    return Translator(checkpoint.build_model(), checkpoint.source, checkpoint.target, 24)


def test_order_and_company(checkpoint: Checkpoint, translator: Translator) -> None:
    """Translations come back in order, the same in whatever company."""
    texts = checkpoint.held_out[:40]
    together = translator.translate(texts)
    assert len({translation.text for translation in together}) > 10
    assert translator.translate(texts, batch_size=1) == together
    assert translator.translate(texts[::-1], batch_size=7) == together[::-1]


def test_links(checkpoint: Checkpoint, translator: Translator) -> None:
    """Every word of a translation is linked to one word of its source."""
    for text, translation in zip(
        checkpoint.held_out[:20], translator.translate(checkpoint.held_out[:20]), strict=True
    ):
        assert [
            target for _, target in sorted(translation.links, key=lambda link: link[1])
        ] == list(range(len(translation.text.split())))
        assert all(0 <= source < len(text.split()) for source, _ in translation.links)


def test_forced_links(translator: Translator) -> None:
    """A given translation is aligned word by word, the same in whatever company."""
    pairs = [
        SentencePair("나는 학생입니다", "I am a student"),
        SentencePair("그들은 밤에 울었어요", "They cried at night"),
        SentencePair("그녀는 가수입니까?", "Is she a singer?"),
    ]
    aligned = translator.align(pairs)
    assert [{target for _, target in links} for links in aligned] == [{0, 1, 2, 3}] * 3
    assert translator.align(pairs, batch_size=1) == aligned


def test_nothing(translator: Translator) -> None:
    """No texts have no translations, and one without words has one without links."""
    assert translator.translate([]) == []
    (translation,) = translator.translate([" "])
    assert translation.links == frozenset()
