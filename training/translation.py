"""Greedy translation and forced alignment of texts with a model in PyTorch."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from bundle.alignment import AlignmentLink, word_alignment
from bundle.tokenizer import IncrementalDecoder, Tokenizer
from training.batches import TokenPair, make_batch, pad
from training.sentence_pair import Links, SentencePair
from training.seq2seq import Seq2Seq


@dataclass(frozen=True, slots=True)
class Translation:
    """A translation and the word alignment that its attention gives."""

    text: str
    links: Links


class Translator:
    """Translates with a model in PyTorch."""

    def __init__(
        self, model: Seq2Seq, source: Tokenizer, target: Tokenizer, max_tokens: int
    ) -> None:
        """Translate with `model` between its tokenizers, to `max_tokens` tokens at the most."""
        self._model, self._source, self._target = model, source, target
        self._max_tokens = max_tokens

    def translate(self, texts: Sequence[str], batch_size: int = 64) -> list[Translation]:
        """Translate `texts`, similar lengths together, and give them back in order."""
        special = self._source.special_ids
        encodings = [self._source.encode(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda index: len(encodings[index].ids))
        device = next(self._model.parameters()).device
        translations: dict[int, Translation] = {}
        self._model.eval()
        for start in range(0, len(order), batch_size):
            indices = order[start : start + batch_size]
            rows = [[*encodings[index].ids, special.end] for index in indices]
            greedy = self._model.greedy(
                pad(rows, special.padding).to(device),
                torch.tensor([len(row) for row in rows]),
                special.begin,
                special.end,
                self._max_tokens,
            )
            for index, ids, attention in zip(
                indices, greedy.token_ids, greedy.attention, strict=True
            ):
                decoder = IncrementalDecoder(self._target)
                for token_id in ids:
                    decoder.push(token_id)
                decoder.finish()
                links = word_alignment(
                    attention[: len(ids)].numpy(),
                    encodings[index].word_indices,
                    decoder.word_indices(),
                )
                translations[index] = Translation(decoder.text, _links(links))
        return [translations[index] for index in range(len(texts))]

    @torch.inference_mode()
    def align(self, pairs: Sequence[SentencePair], batch_size: int = 64) -> list[Links]:
        """Align the words of given translations, by the attention under teacher forcing."""
        special = self._source.special_ids
        device = next(self._model.parameters()).device
        self._model.eval()
        aligned = []
        for start in range(0, len(pairs), batch_size):
            chunk = pairs[start : start + batch_size]
            sources = [self._source.encode(pair.source) for pair in chunk]
            targets = [self._target.encode(pair.target) for pair in chunk]
            tokens = [
                TokenPair(source.ids, target.ids)
                for source, target in zip(sources, targets, strict=True)
            ]
            batch = make_batch(tokens, special.padding, special.begin, special.end).to(device)
            _, attention = self._model(batch.source_ids, batch.source_lengths, batch.previous_ids)
            for rows, source, target in zip(attention.float().cpu(), sources, targets, strict=True):
                links = word_alignment(
                    rows[: len(target.ids)].numpy(), source.word_indices, target.word_indices
                )
                aligned.append(_links(links))
        return aligned


def _links(links: Sequence[AlignmentLink]) -> Links:
    return frozenset((link.source_word, link.target_word) for link in links)
