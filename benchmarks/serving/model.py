"""The benchmark model: random weights in the shape of the models that come with jumok."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import torch

from jumok.bundle.folder import file_entry, write_bundle
from jumok.bundle.manifest import MANIFEST_NAME, Limits, Manifest, Precision
from jumok.bundle.tokenizer import Tokenizer
from jumok.export.graph_files import graphs_in, write_graphs
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq

LIMIT: Final = 100  # maximum number of tokens on each side
TOKENIZER: Final = Path(__file__).parents[2] / "models" / "de-en" / "tokenizer.model"
SHAPE: Final = ModelConfiguration(
    embedding_size=256,
    encoder_size=256,
    decoder_size=512,
    attention_size=256,
    attentional_size=256,
    tie_output=True,
    tie_embeddings=True,
)
"""A bidirectional GRU encoder (2 x 256 units), a GRU decoder (512 units), additive attention."""


def make_model(tokenizer: Tokenizer, vocabulary: int | None = None) -> Seq2Seq:
    """Create a model with random weights; `vocabulary` defaults to that of the tokenizer."""
    torch.manual_seed(0)
    vocabulary = vocabulary or tokenizer.vocabulary_size
    padding = tokenizer.special_ids.padding
    return Seq2Seq(SHAPE, vocabulary, vocabulary, padding, LIMIT + 1).eval()


def make_bundle(folder: Path, model: Seq2Seq, precisions: Collection[Precision]) -> None:
    """Write a bundle in these precisions, without comparing it with a checkpoint."""

    def fill(folder: Path) -> None:
        write_graphs(model, folder, precisions=precisions)
        (folder / TOKENIZER.name).write_bytes(TOKENIZER.read_bytes())
        manifest = Manifest(
            producer_version="0",
            name="benchmark",
            source_language="de",
            target_language="en",
            source_tokenizer=TOKENIZER.name,
            target_tokenizer=TOKENIZER.name,
            limits=Limits(max_source_tokens=LIMIT, max_target_tokens=LIMIT),
            precisions=graphs_in(folder),
            files={file.name: file_entry(file) for file in sorted(folder.iterdir())},
            provenance={},
        )
        (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")

    write_bundle(folder, fill)
