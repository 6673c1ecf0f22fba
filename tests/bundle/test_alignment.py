"""Word alignment from handmade attention."""

import numpy as np
import pytest

from jumok.bundle.alignment import WordLink, word_alignment


def test_links() -> None:
    """나는 학생+입니다 → I am a stu+dent: each English word is linked to the word it attends to."""
    attention = np.array(
        [
            [0.8, 0.1, 0.05, 0.05],
            [0.1, 0.2, 0.65, 0.05],
            [0.1, 0.4, 0.3, 0.2],
            [0.05, 0.9, 0.05, 0.0],
            [0.25, 0.35, 0.25, 0.15],
        ],
        dtype=np.float32,
    )
    links = word_alignment(attention, (0, 1, 1), (0, 1, 2, 3, 3))
    assert [(link.source_word, link.target_word) for link in links] == [
        (0, 0),
        (1, 1),
        (1, 2),
        (1, 3),
    ]
    # attention is summed over a source word's pieces and averaged over a target word's
    assert [link.weight for link in links] == pytest.approx([0.8, 0.85, 0.7, (0.95 + 0.6) / 2])


def test_attention_is_summed_over_pieces() -> None:
    """Two pieces of a word outweigh a single piece with more attention than each of them."""
    attention = np.array([[0.4, 0.3, 0.3]], dtype=np.float32)
    (link,) = word_alignment(attention, (0, 1, 1), (0,))
    assert link == WordLink(1, 0, link.weight)
    assert link.weight == pytest.approx(0.6)


def test_end_links_nothing() -> None:
    """A word that attends mostly to the end of the sentence is linked to the best word."""
    attention = np.array([[0.1, 0.2, 0.7]], dtype=np.float32)
    (link,) = word_alignment(attention, (0, 1), (0,))
    assert link == WordLink(1, 0, link.weight)
    assert link.weight == pytest.approx(0.2)


def test_word_without_token() -> None:
    """A target word without tokens is linked to nothing."""
    attention = np.full((2, 1), 1, dtype=np.float32)
    links = word_alignment(attention, (0,), (0, 2))
    assert [link.target_word for link in links] == [0, 2]


def test_word_without_attention() -> None:
    """A target word that attends only to the end is linked to nothing."""
    attention = np.array([[0.0, 0.0, 1.0], [0.0, 0.4, 0.6]], dtype=np.float32)
    (link,) = word_alignment(attention, (0, 1), (0, 1))
    assert (link.source_word, link.target_word) == (1, 1)


@pytest.mark.parametrize(("source", "target"), [((), (0,)), ((0,), ())])
def test_nothing_to_link(source: tuple[int, ...], target: tuple[int, ...]) -> None:
    """If one side has no words there are no links."""
    attention = np.ones((len(target), 1), dtype=np.float32)
    assert word_alignment(attention, source, target) == ()
