"""Attention between words, as opposed to tokens."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.words import find_words
from jumok.evaluation.scoring.batch_translator import AttendedTranslation
from jumok.pictures.attention_map import AttentionMap, label

_END = "</s>"


def word_map(source: str, translation: AttendedTranslation) -> AttentionMap:
    """Reduce attention to words: sum over source tokens, average over target tokens.

    Rows still sum to 1, since the end of the source has a column of its own.

    Args:
        source: the source text; its words are those of `jumok.bundle.words`.
        translation: its translation.
    """
    source_words, target_words = find_words(source), find_words(translation.text)
    by_word = attention_by_word(translation, len(source_words))
    tokens = np.array(translation.target_words, dtype=np.int64)
    weights = [by_word[: len(tokens)][tokens == word] for word in range(len(target_words))]
    return AttentionMap(
        source=(*(label(source[word.start : word.end]) for word in source_words), _END),
        target=tuple(label(translation.text[word.start : word.end]) for word in target_words),
        weights=tuple(
            tuple(rows.mean(axis=0).tolist() if len(rows) else [0.0] * by_word.shape[1])
            for rows in weights
        ),
    )


def attention_by_word(translation: AttendedTranslation, words: int) -> NDArray[np.float64]:
    """Sum attention over the tokens of each source word.

    Args:
        translation: a translation.
        words: number of source words.

    Returns:
        float64 [target token, words + 1]; the last column is the end of the source.
    """
    attention = translation.attention.astype(np.float64)
    ends = attention.shape[1] - len(translation.source_words)
    columns: Sequence[int] = [*translation.source_words, *[words] * ends]
    by_word = np.zeros((len(attention), words + 1))
    np.add.at(by_word.T, np.array(columns), attention.T)
    return by_word
