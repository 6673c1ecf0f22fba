"""Attention by token and by word."""

import dataclasses
import unicodedata

import pytest

from jumok.cli.word_map import token_map, word_map
from jumok.client.errors import ServerError
from jumok.client.events import Segment, Source, Span
from jumok.client.translation import Translation


def test_by_token(translation: Translation) -> None:
    """One row or column per token, without the space marker."""
    attention = token_map(translation)

    assert attention.source == ("나는", "학생", "입니다", "</s>")
    assert attention.target == ("I", "am", "a", "stu", "dent")
    assert attention.weights == translation.attention


def test_by_word(translation: Translation) -> None:
    """Weights are summed over the tokens of a source word, averaged over those of a target word."""
    attention = word_map(translation)

    assert attention.source == ("나는", "학생입니다", "</s>")
    assert attention.target == ("I", "am", "a", "student")
    assert attention.weights[1] == pytest.approx((0.03, 0.95, 0.02))
    assert attention.weights[3] == pytest.approx((0.0, 0.875, 0.125))
    assert [sum(row) for row in attention.weights] == pytest.approx([1.0] * 4)


def test_byte_counts_for_its_word(translation: Translation) -> None:
    """A token without text belongs to the word of the next token."""
    silent = dataclasses.replace(translation.tokens[0], text="", piece="<0xEC>")
    tokens = (translation.tokens[0], silent, *translation.tokens[1:])

    attention = word_map(dataclasses.replace(translation, tokens=tokens))

    assert attention.weights[1] == pytest.approx((0.495, 0.49, 0.015))


def test_labels_are_printable(translation: Translation) -> None:
    """Labels are composed (NFC), and unprintable characters are replaced."""
    text = unicodedata.normalize("NFD", "학교") + " a\x1bb"
    end = text.index(" ")
    source = dataclasses.replace(translation.source, words=(Span(0, end), Span(end + 1, len(text))))

    attention = word_map(dataclasses.replace(translation, source_text=text, source=source))

    assert attention.source[:2] == ("학교", "a�b")


def test_several_segments(translation: Translation) -> None:
    """The rows of each segment are in its own columns; all ends of segments come last."""
    first, second = translation.source, translation.source
    count, words, length = len(first.tokens), len(first.words), len(translation.source_text) + 1
    shifted = [
        dataclasses.replace(
            token,
            start=token.start + length,
            end=token.end + length,
            word=None if token.word is None else token.word + words,
        )
        for token in second.tokens
    ]
    spans = [Span(word.start + length, word.end + length) for word in second.words]
    segments = (
        Segment(0, length - 1, 0, count, divided=False),
        Segment(length, 2 * length - 1, count, count, divided=False),
    )
    source = Source((*first.tokens, *shifted), (*first.words, *spans), segments)
    following = [dataclasses.replace(token, segment=1) for token in translation.tokens]
    following[0] = dataclasses.replace(following[0], text="\n- " + following[0].text)
    best = translation.result.hypotheses[0]
    begin = len(best.text) + 3
    moved = [Span(word.start + begin, word.end + begin) for word in best.words]
    text = f"{best.text}\n- {best.text}\n"
    joined = dataclasses.replace(best, text=text, words=(*best.words, *moved))

    both = word_map(
        dataclasses.replace(
            translation,
            source_text=f"{translation.source_text}\n{translation.source_text}",
            source=source,
            tokens=(*translation.tokens, *following),
            result=dataclasses.replace(translation.result, hypotheses=(joined,)),
        )
    )

    one = word_map(translation)
    assert both.source == ("나는", "학생입니다", "나는", "학생입니다", "</s>", "</s>")
    assert both.target == one.target * 2
    half = len(one.target)
    for row, expected in zip(both.weights[:half], one.weights, strict=True):
        assert row == pytest.approx((*expected[:2], 0, 0, expected[2], 0))
    for row, expected in zip(both.weights[half:], one.weights, strict=True):
        assert row == pytest.approx((0, 0, *expected[:2], 0, expected[2]))


def test_missing_attention_is_an_error(translation: Translation) -> None:
    """Rows that do not match the source raise ServerError."""
    bare = dataclasses.replace(translation.tokens[0], attention=())

    with pytest.raises(ServerError, match="0 attention weights for 4 source tokens"):
        word_map(dataclasses.replace(translation, tokens=(bare,)))
