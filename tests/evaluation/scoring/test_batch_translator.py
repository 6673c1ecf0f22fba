"""Translation and forced decoding with the tiny model."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jumok.bundle.incremental_decoder import decode
from jumok.bundle.words import TextSpan
from jumok.evaluation.scoring.batch_translator import AttendedTranslation, BatchTranslator
from jumok.evaluation.scoring.sentence_pair import GoldAlignment, SentencePair
from jumok.training.checkpoint import Checkpoint, load_checkpoint
from jumok.training.network.torch_model import TorchModel

PAIRS = [
    SentencePair("나는 학생입니다", "I am a student"),
    SentencePair("그들은 밤에 울었어요", "They cried at night"),
    SentencePair("그녀는 가수입니까?", "Is she a singer?"),
]


@pytest.fixture(scope="module")
def checkpoint(tiny_run: Path) -> Checkpoint:
    return load_checkpoint(tiny_run)


@pytest.fixture(scope="module")
def translator(checkpoint: Checkpoint) -> BatchTranslator:
    model = TorchModel(checkpoint.build_model())
    return BatchTranslator(model, checkpoint.source, checkpoint.target, 24)


def assert_same(
    found: Sequence[AttendedTranslation], expected: Sequence[AttendedTranslation]
) -> None:
    """Compare translations up to the precision of float32."""
    for one, other in zip(found, expected, strict=True):
        assert one.text == other.text
        assert one.token_ids == other.token_ids
        assert (one.source_words, one.target_words) == (other.source_words, other.target_words)
        np.testing.assert_allclose(one.log_probs, other.log_probs, atol=1e-4)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)


@pytest.mark.parametrize("beam", [1, 3])
def test_order_and_batching_do_not_matter(
    checkpoint: Checkpoint, translator: BatchTranslator, beam: int
) -> None:
    """Translations are in order and do not depend on the batch size."""
    texts = checkpoint.held_out[:30]
    together = translator.translate(texts, beam)
    assert len({translation.text for translation in together}) > 10
    assert_same(translator.translate(texts, beam, batch_size=1), together)
    assert_same(translator.translate(texts[::-1], beam, batch_size=7), together[::-1])


def test_parts(checkpoint: Checkpoint, translator: BatchTranslator) -> None:
    """Attention has a row for each token and the end, and a column for each source token."""
    texts = checkpoint.held_out[:20]
    for text, found in zip(texts, translator.translate(texts), strict=True):
        source = checkpoint.source.encode(text)
        assert found.text == decode(checkpoint.target, found.token_ids)
        assert found.source_words == source.word_indices
        assert len(found.target_words) == len(found.token_ids)
        assert sorted(set(found.target_words)) == list(range(len(found.text.split())))
        rows = len(found.token_ids) + (len(found.token_ids) < 24)
        assert found.log_probs.shape == (rows,)
        assert (found.log_probs < 0).all()
        assert found.attention.shape == (rows, len(source.ids) + 1)
        np.testing.assert_allclose(found.attention.sum(axis=1), 1, atol=1e-5)


def test_beam(checkpoint: Checkpoint, translator: BatchTranslator) -> None:
    """A wider beam finds more probable translations on the whole."""
    texts = checkpoint.held_out[:30]
    greedy, wide = (
        sum(
            float(found.log_probs.sum())
            for found in translator.translate(texts, beam, length_penalty=0.0)
        )
        for beam in (1, 4)
    )
    assert wide > greedy


def test_forced(checkpoint: Checkpoint, translator: BatchTranslator) -> None:
    """Forced decoding scores each token, independently of the batch size."""
    forced = translator.force(PAIRS)
    for pair, found in zip(PAIRS, forced, strict=True):
        target = checkpoint.target.encode(pair.target)
        assert (found.text, found.token_ids) == (pair.target, target.ids)
        assert found.source_words == checkpoint.source.encode(pair.source).word_indices
        assert found.target_words == target.word_indices
        assert len(found.log_probs) == len(found.attention) == len(target.ids) + 1
        assert found.posterior is None
    assert_same(translator.force(PAIRS, batch_size=1), forced)


def test_forced_with_gold(translator: BatchTranslator) -> None:
    """If there are gold links, there is posterior attention."""
    links = frozenset({(0, 0)})
    pairs = [replace(pair, alignment=GoldAlignment(links, links)) for pair in PAIRS]
    for plain, found in zip(translator.force(PAIRS), translator.force(pairs), strict=True):
        assert_same([found], [plain])
        assert found.posterior is not None
        assert found.posterior.shape == found.attention.shape
        np.testing.assert_allclose(found.posterior.sum(axis=1), 1, atol=1e-5)
        assert np.abs(found.posterior - found.attention).max() > 1e-3


def test_found_is_forced(checkpoint: Checkpoint, translator: BatchTranslator) -> None:
    """Forced decoding of a found translation reproduces its log-probabilities and attention."""
    texts = checkpoint.held_out[:20]
    found = translator.translate(texts)
    forced = translator.force(
        [SentencePair(text, each.text) for text, each in zip(texts, found, strict=True)]
    )
    same = [
        (one, other)
        for one, other in zip(found, forced, strict=True)
        if one.token_ids == other.token_ids and len(one.log_probs) == len(other.log_probs)
    ]
    assert len(same) > 10  # the others are tokenized differently or cut off
    assert_same([one for one, _ in same], [other for _, other in same])


def test_words_of_their_own(translator: BatchTranslator) -> None:
    """If a pair defines its words, tokens are assigned to those."""
    (plain,) = translator.force(PAIRS[:1])
    halves = tuple(TextSpan(*place) for place in ((0, 2), (3, 5), (5, 8)))
    (found,) = translator.force([replace(PAIRS[0], source_words=halves)])
    assert set(plain.source_words) == {0, 1}
    assert max(found.source_words) == 2
    assert found.target_words == plain.target_words


def test_nothing(translator: BatchTranslator) -> None:
    """No texts give no translations; an empty translation has no words."""
    assert translator.translate([]) == []
    assert translator.force([]) == []
    (translation,) = translator.translate([" "])
    assert translation.source_words == ()
    assert translation.attention.shape[1] == 1
