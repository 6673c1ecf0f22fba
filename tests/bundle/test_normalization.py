"""Unicode normalization of tokenizers."""

import unicodedata

import pytest

from jumok.bundle.incremental_decoder import decode
from jumok.bundle.normalization import Normalization
from jumok.bundle.tokenizer import BACK_TRANSLATED, Tokenizer

KEPT = ["！？：「」", "x²", "½", "…", "™", "می‌خرد", "น้ำ", "ｆｕｌｌ", "㎏", "ﬁ"]
TEXTS = ["hello world", "나는 학생입니다", "é è ü", *KEPT]


def trained(normalization: Normalization) -> Tokenizer:
    """Train a small tokenizer."""
    return Tokenizer.train(TEXTS * 20, 340, 1, normalization)


@pytest.fixture(scope="module")
def nfc() -> Tokenizer:
    return trained("nfc")


@pytest.mark.parametrize("text", KEPT)
def test_characters_are_kept(nfc: Tokenizer, text: str) -> None:
    """With nfc a text survives; with nfkc it does not, which is why targets use nfc."""
    assert decode(nfc, nfc.encode(text).ids) == text
    nfkc = trained("nfkc")
    assert decode(nfkc, nfkc.encode(text).ids) != text


def test_every_character_is_composed(nfc: Tokenizer) -> None:
    """Every decomposed character becomes the one that Unicode's form C has for it."""
    for code in [*range(0xC0, 0x3000), *range(0xAC00, 0xD7A4), *range(0xF900, 0xFB00)]:
        composed = unicodedata.normalize("NFC", chr(code))
        decomposed = unicodedata.normalize("NFD", composed)
        if composed != decomposed and not composed.isspace():
            words = nfc.normalized_words(f"a{decomposed}")
            assert words == [f"a{composed}"], hex(code)


@pytest.mark.parametrize("spelling", ["ê\u0323", "ẹ\u0302", "e\u0302\u0323", "e\u0323\u0302", "ệ"])
def test_marks_in_any_order(nfc: Tokenizer, spelling: str) -> None:
    """Vietnamese is composed however its marks are typed."""
    assert nfc.normalized_words(f"a{spelling}") == ["aệ"]


def test_spaces_and_control_characters(nfc: Tokenizer) -> None:
    """White space becomes single spaces, and control characters vanish."""
    assert nfc.normalized_words(" a\u00a0\tb\u3000\n c\x01\u200bd\ufeff ") == ["a", "b", "cd"]


def test_spans_refer_to_the_text_as_given(nfc: Tokenizer) -> None:
    """Spans cover decomposed characters of the original text."""
    text = "e\u0301 \u1112\u1161\u11ab x²"
    encoding = nfc.encode(text)
    words = [text[span.start : span.end] for span in encoding.words]
    assert words == ["e\u0301", "\u1112\u1161\u11ab", "x²"]
    covered = set().union(*(range(*span) for span in encoding.spans))
    assert covered == {place for place, char in enumerate(text) if char != " "}


def test_tags() -> None:
    """A tag is a token that no text is split into, and that has no text."""
    tagged = Tokenizer.train(TEXTS * 20, 340, 1, tags=[BACK_TRANSLATED])
    tag = tagged.tag_id(BACK_TRANSLATED)
    assert tag is not None
    assert tagged.text(tag) == ""
    assert tag not in tagged.encode(f"{BACK_TRANSLATED} hello {BACK_TRANSLATED}").ids
    assert trained("nfkc").tag_id(BACK_TRANSLATED) is None
    assert tagged.tag_id("hello") is None
