"""Text to token ids with character offsets.

The only module that knows SentencePiece (Kudo & Richardson 2018): a unigram model (Kudo 2018) with
byte fallback, so that no character is unknown.
"""

import importlib
import io
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import sentencepiece

from jumok.bundle.errors import BundleError, InvalidTextError, VocabularyError
from jumok.bundle.manifest import SpecialIds
from jumok.bundle.normalization import Normalization, nfc_rules
from jumok.bundle.words import TextSpan, find_words, word_indices

BACK_TRANSLATED: Final = "<bt>"
"""Token before a machine-translated source (Caswell et al. 2019); no text is split into it."""

PLACEHOLDERS: Final = tuple(chr(0xE000 + number) for number in range(8))
"""Pieces that stand for text that a translation copies, see `jumok.text.protection`; characters for
private use, so that no text that is sent to a model contains them otherwise."""

SPACE: Final = "▁"
"""Stands for a space inside a piece."""

_BYTE: Final = re.compile("<0x[0-9A-F]{2}>")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A tokenized text; all sequences except `words` have one entry per token.

    Attributes:
        ids: token ids, without begin or end.
        pieces: SentencePiece pieces.
        spans: ranges of each token's visible characters in the original text; empty for a token
            without any (a single space). The bytes of one character share its span.
        word_indices: index into `words` of each token's word.
        words: ranges of the words, as found by `jumok.bundle.words`.
    """

    ids: tuple[int, ...]
    pieces: tuple[str, ...]
    spans: tuple[TextSpan, ...]
    word_indices: tuple[int, ...]
    words: tuple[TextSpan, ...]


class Tokenizer:
    """A SentencePiece model and its special ids."""

    def __init__(self, model: bytes) -> None:
        """Load a serialized SentencePiece model.

        Raises:
            BundleError: `model` is not a SentencePiece model.
        """
        if not model:  # SentencePiece treats empty bytes as "no model given"
            raise BundleError("the tokenizer is empty")
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        except RuntimeError as error:
            raise BundleError("the tokenizer is not a SentencePiece model") from error
        self.model: Final = model
        self.vocabulary_size: Final = self._processor.get_piece_size()
        self._pieces, self._texts = self._read_pieces()
        self.special_ids: Final = SpecialIds(
            padding=self._processor.pad_id(),
            unknown=self._processor.unk_id(),
            begin=self._processor.bos_id(),
            end=self._processor.eos_id(),
        )

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Load the model in the file `path`.

        Raises:
            BundleError: the file is not a SentencePiece model.
            OSError: the file cannot be read.
        """
        return cls(path.read_bytes())

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocabulary_size: int,
        seed: int,
        normalization: Normalization = "nfkc",
        tags: Sequence[str] = (),
        placeholders: bool = False,
    ) -> "Tokenizer":
        """Train a unigram model with byte fallback on `texts`.

        Args:
            texts: training sentences.
            vocabulary_size: maximum number of pieces; short texts yield fewer.
            seed: seed of SentencePiece's random generator, below 2³².
            normalization: how texts are normalized.
            tags: pieces of further tokens that no text contains, such as `BACK_TRANSLATED`.
            placeholders: whether to add `PLACEHOLDERS`, each a token that is never split or merged.

        Raises:
            VocabularyError: the texts have more distinct characters than `vocabulary_size`.
        """
        special = SpecialIds()
        model = io.BytesIO()
        sentencepiece.set_random_generator_seed(seed)
        try:
            with _normalization_options(normalization) as options:
                sentencepiece.SentencePieceTrainer.train(
                    sentence_iterator=iter(texts),
                    model_writer=model,
                    model_type="unigram",
                    vocab_size=vocabulary_size,
                    hard_vocab_limit=False,
                    byte_fallback=True,
                    character_coverage=0.9995,
                    pad_id=special.padding,
                    unk_id=special.unknown,
                    bos_id=special.begin,
                    eos_id=special.end,
                    num_threads=1,  # with more, the model depends on how they interleave
                    minloglevel=2,
                    control_symbols=list(tags),
                    user_defined_symbols=list(PLACEHOLDERS) if placeholders else [],
                    **options,
                )
        except RuntimeError as error:
            needed = re.search(r"required_chars\. \d+ vs (\d+)", str(error))
            if needed is None:
                raise
            raise VocabularyError(
                f"a vocabulary of {vocabulary_size} pieces is too small for the texts: "
                f"their characters alone need {needed[1]}"
            ) from error
        return cls(model.getvalue())

    def with_placeholders(self) -> "Tokenizer":
        """Return this tokenizer with `PLACEHOLDERS`, as its last tokens if it has none yet."""
        if self.has_placeholders:
            return self
        # imported here because it needs protobuf, and only training calls this method
        kinds: Any = importlib.import_module("sentencepiece.sentencepiece_model_pb2")
        model = kinds.ModelProto.FromString(self.model)
        for piece in PLACEHOLDERS:
            kind = kinds.ModelProto.SentencePiece.USER_DEFINED
            model.pieces.add(piece=piece, score=0, type=kind)
        return Tokenizer(model.SerializeToString())

    @cached_property
    def has_placeholders(self) -> bool:
        """Whether `PLACEHOLDERS` are tokens."""
        unknown = self.special_ids.unknown
        return all(self._processor.piece_to_id(piece) != unknown for piece in PLACEHOLDERS)

    def encode(self, text: str) -> Encoding:
        """Split `text` into tokens.

        Raises:
            InvalidTextError: `text` contains a lone surrogate.
        """
        _check_unicode(text)
        mapping = self._processor.encode_as_offset_mapping(text)
        words = find_words(text)
        spans = _visible_spans(text, mapping["pieces"], mapping["offsets"])
        return Encoding(
            ids=tuple(mapping["ids"]),
            pieces=tuple(mapping["pieces"]),
            spans=spans,
            word_indices=word_indices([span.start for span in spans], words),
            words=words,
        )

    def count(self, text: str) -> int:
        """Count the tokens of `text`, which is much faster than `encode`.

        Raises:
            InvalidTextError: `text` contains a lone surrogate.
        """
        _check_unicode(text)
        return len(self._processor.encode_as_ids(text))

    def least_count(self, text: str) -> int:
        """Return a number of tokens that `text` has at least, without splitting it.

        One character can become 33 tokens, and splitting a text takes up to 40 times as long as
        normalizing it.

        Raises:
            InvalidTextError: `text` contains a lone surrogate.
        """
        return int(self.normalized_length(text) / self._longest)

    def normalized_length(self, text: str) -> int:
        """Return the number of code points of the normalized `text`; fast, like `least_count`.

        Raises:
            InvalidTextError: `text` contains a lone surrogate.
        """
        _check_unicode(text)
        return len(self._processor.normalize(text))

    def encode_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Split many texts into token ids, without begin or end."""
        ids: list[list[int]] = self._processor.encode_as_ids(list(texts))
        return ids

    def normalized_words(self, text: str) -> list[str]:
        """Return the normalized words of a text, as spelled by pieces; no piece spans two words."""
        words: list[str] = self._processor.normalize(text).split(SPACE)
        return [word for word in words if word]

    def best_splits(self, word: str, count: int) -> list[tuple[list[int], float]]:
        """Return the most probable segmentations of a word.

        Args:
            word: a word of `normalized_words`.
            count: maximum number of segmentations.

        Returns:
            Token ids and unnormalized log-probability of each segmentation.
        """
        splits: list[list[int]] = self._processor.nbest_encode_as_ids(word, count)
        score = self._scores.__getitem__
        return [(ids, sum(map(score, ids))) for ids in splits]

    @cached_property
    def _scores(self) -> list[float]:
        return [self._processor.get_score(token_id) for token_id in range(self.vocabulary_size)]

    def begins_word(self, token_id: int) -> bool:
        """Tell whether a token starts a word."""
        return self.piece(token_id).startswith(SPACE)

    def piece(self, token_id: int) -> str:
        """Return the piece of a token id."""
        return self._pieces[token_id]

    @cached_property
    def _longest(self) -> float:
        """Length of the longest token, in characters."""
        if not any(map(self.is_byte, range(self.vocabulary_size))):
            return math.inf  # consecutive unknown characters are one token
        return max(map(len, self._pieces))

    def _read_pieces(self) -> tuple[list[str], list[str | None]]:
        """Return the piece and the text of each token; the text of a byte token is None."""
        # calls into SentencePiece take too long to make for every token that is decoded
        processor = self._processor
        try:
            pieces: list[str] = processor.id_to_piece(list(range(self.vocabulary_size)))
        except UnicodeDecodeError as error:
            raise BundleError("a piece of the tokenizer is not Unicode text") from error
        texts: list[str | None] = []
        for token_id, piece in enumerate(pieces):
            if processor.is_byte(token_id):
                if not _BYTE.fullmatch(piece):
                    raise BundleError(f"the tokenizer has {piece!r} for a byte")
                texts.append(None)
            else:
                texts.append("" if processor.is_control(token_id) else piece.replace(SPACE, " "))
        return pieces, texts

    def text(self, token_id: int) -> str | None:
        """Return the text of a token: "" for begin and end, None for a byte token."""
        return self._texts[token_id]

    def tag_id(self, tag: str) -> int | None:
        """Return the id of one of the `tags` of `train`; None if there is no such tag."""
        token_id: int = self._processor.piece_to_id(tag)
        return token_id if self._processor.is_control(token_id) else None

    def is_byte(self, token_id: int) -> bool:
        """Tell whether a token is one byte of a character that has no piece of its own."""
        return self._texts[token_id] is None


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            f"the text has a lone surrogate at character {error.start}: it is not valid Unicode"
        ) from error


@contextmanager
def _normalization_options(normalization: Normalization) -> Iterator[dict[str, Any]]:
    if normalization == "nfkc":
        yield {"normalization_rule_name": "nmt_nfkc"}
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as file:
        file.write(nfc_rules())
        file.flush()
        yield {"normalization_rule_tsv": file.name}


def _visible_spans(
    text: str, pieces: Sequence[str], offsets: Sequence[tuple[int, int]]
) -> tuple[TextSpan, ...]:
    # SentencePiece gives the span of a character to its last byte token only, and empty spans to
    # the others; and its spans include white space.
    spans: list[TextSpan] = []
    following: tuple[int, int] | None = None
    for piece, (start, end) in zip(reversed(pieces), reversed(offsets), strict=True):
        if start == end and piece != SPACE and following is not None:
            start, end = following
        if start < end:  # one character can normalize to several words, which share its span
            following = (start, end)
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        spans.append(TextSpan(start, end))
    return tuple(reversed(spans))
