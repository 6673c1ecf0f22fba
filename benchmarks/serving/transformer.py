"""P7: CTranslate2 with a Transformer of similar size and random weights."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec

from benchmarks.serving.workload import Sentence

_WIDTH, _HEADS, _LAYERS, _INNER = 256, 4, 3, 512
_POSITIONS: Final = 128


class Transformer:
    """Translates greedily in batches, with forced lengths."""

    def __init__(self, folder: Path, vocabulary: Sequence[str], compute: str, batch: int) -> None:
        """Load the model that `make_transformer` wrote; `compute` is "float32" or "int8"."""
        self._translator = ctranslate2.Translator(
            str(folder), device="cpu", compute_type=compute, inter_threads=1, intra_threads=0
        )
        self._vocabulary, self._batch = vocabulary, batch

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all sentences, sorted by length, because all of a batch get the same length."""
        ordered = sorted(sentences, key=lambda sentence: sentence.length)
        for start in range(0, len(ordered), self._batch):
            some = ordered[start : start + self._batch]
            length = some[-1].length
            self._translator.translate_batch(
                [[self._vocabulary[token_id] for token_id in sentence.source] for sentence in some],
                beam_size=1,
                min_decoding_length=length,
                max_decoding_length=length,
                return_end_token=False,
            )


def make_transformer(folder: Path, vocabulary: Sequence[str]) -> int:
    """Write a model of 3+3 layers; return its number of parameters."""
    spec = TransformerSpec.from_config((_LAYERS, _LAYERS), _HEADS)
    generator = np.random.default_rng(0)
    count = 0

    def draw(*shape: int) -> Any:
        nonlocal count
        count += int(np.prod(shape))
        return (generator.normal(size=shape) * 0.05).astype(np.float32)

    def linear(spec: Any, rows: int, columns: int) -> None:
        spec.weight, spec.bias = draw(rows, columns), draw(rows)

    def norm(spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)

    table = draw(len(vocabulary), _WIDTH)  # shared by source, target and output, as in our model
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = table
        side.position_encodings.encodings = draw(_POSITIONS, _WIDTH)
        norm(side.layer_norm) if hasattr(side, "layer_norm") else None
        for layer in side.layer:
            norm(layer.self_attention.layer_norm)
            linear(layer.self_attention.linear[0], 3 * _WIDTH, _WIDTH)
            linear(layer.self_attention.linear[1], _WIDTH, _WIDTH)
            if side is spec.decoder:
                norm(layer.attention.layer_norm)
                linear(layer.attention.linear[0], _WIDTH, _WIDTH)
                linear(layer.attention.linear[1], 2 * _WIDTH, _WIDTH)
                linear(layer.attention.linear[2], _WIDTH, _WIDTH)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, _INNER, _WIDTH)
            linear(layer.ffn.linear_1, _WIDTH, _INNER)
    spec.decoder.projection.weight = table
    spec.register_source_vocabulary(list(vocabulary))
    spec.register_target_vocabulary(list(vocabulary))
    spec.validate()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    config = folder / "config.json"
    if not config.exists():
        config.write_text(json.dumps({"add_source_eos": False}), "utf-8")
    return count
