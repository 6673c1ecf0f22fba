"""The attention of a translation as a labelled matrix, by token or by word."""

import re

from jumok.client.aligned import Aligned
from jumok.client.errors import ServerError
from jumok.client.events import Span
from jumok.client.translation import Translation
from jumok.pictures.attention_map import AttentionMap, label

_SPACE = "▁"  # how SentencePiece writes a preceding space
_WORD = re.compile(r"\S+")


def token_map(translation: Translation | Aligned) -> AttentionMap:
    """The attention as the model has it: one row and one column for each token."""
    _check(translation)
    return AttentionMap(
        source=tuple(piece_label(token.piece) for token in translation.source.tokens),
        target=tuple(piece_label(token.piece) for token in translation.tokens),
        weights=translation.attention,
    )


def word_map(translation: Translation | Aligned) -> AttentionMap:
    """The attention between words: summed over source tokens, averaged over target tokens.

    Rows still sum to 1. Source tokens that belong to no word, as the end of the sentence, come
    last, each with a column of its own. A target word is the mean of the tokens that write a part
    of it; a token that writes nothing by itself (a byte of a character) counts for the word that
    the next one writes.
    """
    _check(translation)
    text = translation.source_text
    source = translation.source
    words = [label(text[word.start : word.end]) for word in source.words]
    columns: list[int] = []
    for token in source.tokens:
        if token.word is None:
            words.append(piece_label(token.piece))
        columns.append(len(words) - 1 if token.word is None else token.word)

    labels, spans = _target_words(translation)
    attention = translation.attention
    rows = []
    for positions in _tokens_of_words(translation, spans):
        row = [0.0] * len(words)
        for position in positions:
            for column, weight in zip(columns, attention[position], strict=True):
                row[column] += weight / len(positions)
        rows.append(tuple(row))
    return AttentionMap(source=tuple(words), target=labels, weights=tuple(rows))


def _target_words(
    translation: Translation | Aligned,
) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Labels of the target's words, and where they stand in what its tokens write.

    That is another text where one was given that the model reads as another, with single spaces for
    double ones, say.
    """
    written = "".join(token.text for token in translation.tokens)
    text, words = translation.text, translation.words
    spans = words
    if not text.startswith(written):  # only the text has the layout after the last segment
        spans = tuple(Span(*match.span()) for match in _WORD.finditer(written))
        if len(spans) != len(words):
            text, words = written, spans
    return tuple(label(text[word.start : word.end]) for word in words), spans


def _tokens_of_words(
    translation: Translation | Aligned, words: tuple[Span, ...]
) -> list[list[int]]:
    """For each word of the translation, the positions of the tokens that write it."""
    found: list[list[int]] = [[] for _ in words]
    waiting: list[int] = []
    end = 0
    for position, token in enumerate(translation.tokens):
        start, end = end, end + len(token.text)
        waiting.append(position)
        start += len(token.text) - len(token.text.lstrip())
        overlapped = [n for n, word in enumerate(words) if word.start < end and start < word.end]
        for word in overlapped:
            found[word] += waiting
        if overlapped:
            waiting = []
    return found


def _check(translation: Translation | Aligned) -> None:
    """Raise ServerError unless each row has one weight for each source token."""
    for row in translation.attention:
        if len(row) != len(translation.source.tokens):
            raise ServerError(
                f"the server sent {len(row)} attention weights for "
                f"{len(translation.source.tokens)} source tokens: was attention asked for?"
            )


def piece_label(piece: str) -> str:
    """What stands for a piece: its text, or a mark for a space alone."""
    return label(piece.removeprefix(_SPACE).replace(_SPACE, " ")) or "␣"
