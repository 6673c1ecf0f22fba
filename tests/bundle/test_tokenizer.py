"""The tokenizer: offsets in the original text, and incremental decoding."""

import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jumok.bundle.errors import BundleError, InvalidTextError, VocabularyError
from jumok.bundle.incremental_decoder import IncrementalDecoder, decode
from jumok.bundle.tokenizer import PLACEHOLDERS, SPACE, Tokenizer
from jumok.bundle.words import TextSpan, find_words

SENTENCES = ("나는 학생입니다", "I am a student")

# what people paste: syllables, jamo, emoji with joiners, spaces of all kinds, wide and invisible
# characters, and characters that stand for several
CHARACTERS = st.one_of(
    st.sampled_from("가나는학생입니다책힣 aI?.,"),
    st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
    st.characters(min_codepoint=0x1100, max_codepoint=0x11FF),
    st.sampled_from("ㅋㅠㄱㅏㅤ"),
    st.sampled_from("😀👨\u200d👩👧🏽🇰🇷\ufe0f"),
    st.sampled_from(" \t\n\r\x0b\x0c\x1c\x85\xa0\u2003\u2028\u3000"),
    st.characters(min_codepoint=0xFF01, max_codepoint=0xFFEE),
    st.sampled_from("\u200b\u200c\u2060\ufeff\xad\0\x01▁\ufffd"),
    st.sampled_from("㈜½ﬃ…①ﷺ¨ǅ\u0301\u3099é"),
    st.characters(codec="utf-8"),
)
TEXTS = st.text(CHARACTERS, max_size=30)
KOREAN = st.lists(
    st.text(
        st.one_of(
            st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
            st.sampled_from("abcXYZ019.,?!😀"),
        ),
        min_size=1,
        max_size=6,
    ),
    max_size=6,
).map(" ".join)

# the tokenizer is of the session: hypothesis minds only fixtures of a function
thorough = settings(deadline=None, max_examples=300)


@thorough
@given(text=TEXTS)
@example(text="나는 학생입니다")
@example(text=unicodedata.normalize("NFD", "나는 학생입니다"))
@example(text="a ﷺ b")
@example(text="가\u200b나\x0b다")
def test_spans(tokenizer: Tokenizer, text: str) -> None:
    """Spans are in order and cover all characters except white space and those without tokens."""
    encoding = tokenizer.encode(text)
    assert len(encoding.ids) == len(encoding.pieces) == len(encoding.spans)
    assert list(encoding.ids) == tokenizer.encode_ids([text])[0]
    for span in encoding.spans:
        assert 0 <= span.start <= span.end <= len(text)
        visible = text[span.start : span.end]
        assert visible == visible.strip()
    for before, after in pairwise(encoding.spans):
        assert before.start <= after.start
        assert before.end <= after.end or after.start == after.end
    covered = {at for span in encoding.spans for at in range(span.start, span.end)}
    left_out = {text[at] for at in range(len(text)) if at not in covered}
    assert all(character.isspace() or not tokenizer.encode(character).ids for character in left_out)


@thorough
@given(text=TEXTS)
@example(text="\x85")
def test_words(tokenizer: Tokenizer, text: str) -> None:
    """Every token belongs to a word; its visible characters, if any, are inside that word."""
    encoding = tokenizer.encode(text)
    assert encoding.words == find_words(text)
    assert len(encoding.word_indices) == len(encoding.ids)
    assert list(encoding.word_indices) == sorted(encoding.word_indices)
    for span, index in zip(encoding.spans, encoding.word_indices, strict=True):
        word = encoding.words[index]
        if span.start < span.end:
            assert word.start <= span.start < word.end


def test_offsets_by_hand(tokenizer: Tokenizer) -> None:
    """The spans of a Korean sentence are those of its characters, without spaces."""
    text = "나는  학생입니다"
    encoding = tokenizer.encode(text)
    assert "".join(encoding.pieces) == "▁나는▁학생입니다"
    assert encoding.words == (TextSpan(0, 2), TextSpan(4, 9))
    for piece, span in zip(encoding.pieces, encoding.spans, strict=True):
        assert text[span.start : span.end] == piece.replace(SPACE, "")


def test_composed_offsets(tokenizer: Tokenizer) -> None:
    """A syllable sent as jamo is one syllable to the model, and its span covers all jamo."""
    composed, decomposed = "책을 읽습니다", unicodedata.normalize("NFD", "책을 읽습니다")
    encoding = tokenizer.encode(decomposed)
    assert encoding.ids == tokenizer.encode(composed).ids
    for piece, span in zip(encoding.pieces, encoding.spans, strict=True):
        sent = decomposed[span.start : span.end]
        assert unicodedata.normalize("NFC", sent) == piece.replace(SPACE, "")


@pytest.mark.parametrize("character", ["👍", "鬱", "㈜", "½", "ﷺ", "é"])
def test_one_character_many_tokens(tokenizer: Tokenizer, character: str) -> None:
    """All tokens of one character share its span."""
    text = f"나 {character} 책"
    encoding = tokenizer.encode(text)
    inside = [span for span in encoding.spans if 2 <= span.start < 4 and span != TextSpan(2, 2)]
    assert len(inside) > 1
    assert set(inside) == {TextSpan(2, 3)}
    spaces = [
        piece
        for piece, span in zip(encoding.pieces, encoding.spans, strict=True)
        if span == TextSpan(2, 2)
    ]
    assert set(spaces) <= {SPACE}


def test_emoji(tokenizer: Tokenizer) -> None:
    """A family emoji is one word of five characters, each with its bytes."""
    encoding = tokenizer.encode("👨\u200d👩\u200d👧 책")
    by_character: list[list[str]] = [[] for _ in range(5)]
    for piece, span in zip(encoding.pieces, encoding.spans, strict=True):
        if span.start < span.end <= 5:
            by_character[span.start].append(piece)
    assert [len(pieces) for pieces in by_character] == [4, 3, 4, 3, 4]
    assert by_character[1] == ["<0xE2>", "<0x80>", "<0x8D>"]
    assert encoding.words == (TextSpan(0, 5), TextSpan(6, 7))


@pytest.mark.parametrize("text", ["", " ", "\u3000\n", "\u200b"])
def test_white_space_has_no_tokens(tokenizer: Tokenizer, text: str) -> None:
    """A text of white space only has no tokens."""
    assert tokenizer.encode(text).ids == ()


@pytest.mark.parametrize(
    ("text", "place"), [("\ud800", 0), ("나는 \udfff", 3), ("a\udc80\ud83d", 1)]
)
def test_lone_surrogate(tokenizer: Tokenizer, text: str, place: int) -> None:
    """A lone surrogate is refused, and the message says where it is."""
    with pytest.raises(InvalidTextError, match=f"a lone surrogate at character {place}:"):
        tokenizer.encode(text)


@thorough
@given(text=KOREAN)
def test_round_trip(tokenizer: Tokenizer, text: str) -> None:
    """Composed Korean with single spaces is decoded unchanged, even if unseen in training."""
    assert decode(tokenizer, tokenizer.encode(text).ids) == text


def whole_text(tokenizer: Tokenizer, ids: list[int]) -> str:
    """Return the text of tokens, decoded at once."""
    content = b""
    for token_id in ids:
        piece = tokenizer.piece(token_id)
        if tokenizer.is_byte(token_id):
            content += bytes.fromhex(piece[3:5])
        elif tokenizer.text(token_id):
            content += piece.replace(SPACE, " ").encode()
    return content.decode("utf-8", "replace").lstrip(" ")


@thorough
@given(data=st.data())
def test_incremental(tokenizer: Tokenizer, data: st.DataObject) -> None:
    """The concatenated increments of any token sequence are its text."""
    every = st.integers(0, tokenizer.vocabulary_size - 1)
    bytes_only = st.sampled_from(
        [token_id for token_id in range(tokenizer.vocabulary_size) if tokenizer.is_byte(token_id)]
    )
    ids = data.draw(st.lists(every | bytes_only, max_size=30))
    decoder = IncrementalDecoder(tokenizer)
    joined = ""
    for token_id in ids:
        joined += decoder.push(token_id)
        assert decoder.text == joined
    incomplete = decoder.incomplete
    rest = decoder.finish()
    assert bool(rest) == incomplete
    assert set(rest) <= {"\ufffd"}
    assert joined + rest == decoder.text == decode(tokenizer, ids) == whole_text(tokenizer, ids)
    assert not decoder.incomplete


@thorough
@given(text=TEXTS)
def test_no_partial_character(tokenizer: Tokenizer, text: str) -> None:
    """Bytes are held until their character is complete, so no increment has part of one."""
    decoder = IncrementalDecoder(tokenizer)
    for token_id in tokenizer.encode(text.replace("\ufffd", "")).ids:
        delta = decoder.push(token_id)
        assert "\ufffd" not in delta
        assert not (delta and decoder.incomplete)
    assert decoder.finish() == ""


def test_bytes_are_held(tokenizer: Tokenizer) -> None:
    """The first three bytes of an emoji give no text, the fourth gives the emoji."""
    ids = tokenizer.encode("👍").ids
    decoder = IncrementalDecoder(tokenizer)
    assert [decoder.push(token_id) for token_id in ids] == ["", "", "", "", "👍"]


@thorough
@given(text=KOREAN)
def test_decoded_words(tokenizer: Tokenizer, text: str) -> None:
    """Decoded tokens have the same words as the text they encode."""
    encoding = tokenizer.encode(text)
    decoder = IncrementalDecoder(tokenizer)
    for token_id in encoding.ids:
        decoder.push(token_id)
    assert decoder.word_indices() == encoding.word_indices


def test_no_words(tokenizer: Tokenizer) -> None:
    """Tokens without text belong to no word."""
    special = tokenizer.special_ids
    decoder = IncrementalDecoder(tokenizer)
    assert decoder.push(special.padding) + decoder.push(special.begin) == ""
    assert decoder.word_indices() == ()


def test_same_training() -> None:
    """The same texts and seed give the same model, byte for byte."""
    first, second = (Tokenizer.train(iter(SENTENCES), 300, seed=7) for _ in range(2))
    assert first.model == second.model
    assert first.vocabulary_size <= 300


def test_load(tokenizer: Tokenizer, tmp_path: Path) -> None:
    """A model loaded from a file is the same tokenizer."""
    (tmp_path / "a.model").write_bytes(tokenizer.model)
    loaded = Tokenizer.load(tmp_path / "a.model")
    assert loaded.encode("나는 책을") == tokenizer.encode("나는 책을")
    assert loaded.special_ids == tokenizer.special_ids


def test_vocabulary_too_small() -> None:
    """A vocabulary smaller than the number of characters is refused; the message has the number."""
    with pytest.raises(VocabularyError, match=r"of 260 pieces is too small .* alone need 27\d$"):
        Tokenizer.train(SENTENCES, 260, seed=1)


@pytest.mark.parametrize("model", [b"", b"not a model"])
def test_not_a_model(model: bytes) -> None:
    """The message says if bytes are not a SentencePiece model."""
    with pytest.raises(BundleError, match="tokenizer is"):
        Tokenizer(model)


def test_best_splits() -> None:
    """Segmentations of a word are sorted by score; the best is the one used in any text."""
    tokenizer = Tokenizer.train(["나는 학교에 갑니다", "학교에서 공부합니다"] * 20, 300, seed=0)
    text = "  나는   학교에서 ﾊﾝ"
    words = tokenizer.normalized_words(text)
    assert words == ["나는", "학교에서", "ハン"]
    best = [tokenizer.best_splits(word, 8) for word in words]
    assert (
        tuple(token_id for (ids, _), *_ in best for token_id in ids) == tokenizer.encode(text).ids
    )
    for word, splits in zip(words, best, strict=True):
        assert {decode(tokenizer, ids) for ids, _ in splits} == {word}
        assert [log_prob for _, log_prob in splits] == sorted(
            (log_prob for _, log_prob in splits), reverse=True
        )
    assert len(tokenizer.best_splits("학교에서", 2)) == 2


def test_count(tokenizer: Tokenizer) -> None:
    """Tokens can be counted without finding their spans, with the same result and errors."""
    for text in ("", "나는 학생입니다.", "\ufdfa" * 50, " a\n b ", "😀 가"):
        assert tokenizer.count(text) == len(tokenizer.encode(text).ids)
    with pytest.raises(InvalidTextError, match="a lone surrogate at character 1:"):
        tokenizer.count("a\ud800")


def test_placeholders(tokenizer: Tokenizer) -> None:
    """Placeholders are single tokens, which a tokenizer can get later; others stay as they are."""
    extended = tokenizer.with_placeholders()
    assert not tokenizer.has_placeholders
    assert extended.has_placeholders
    assert extended.with_placeholders() is extended
    assert extended.vocabulary_size == tokenizer.vocabulary_size + len(PLACEHOLDERS)
    assert extended.encode("나는 학생입니다").ids == tokenizer.encode("나는 학생입니다").ids
    text = f"나는{PLACEHOLDERS[0]}입니다 {PLACEHOLDERS[7]}"
    encoding = extended.encode(text)
    assert [piece for piece in encoding.pieces if piece in PLACEHOLDERS] == [
        PLACEHOLDERS[0],
        PLACEHOLDERS[7],
    ]
    assert decode(extended, encoding.ids) == text
    trained = Tokenizer.train(SENTENCES * 20, 300, seed=1, placeholders=True)
    assert trained.has_placeholders
