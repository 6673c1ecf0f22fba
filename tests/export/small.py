"""Sizes and sources of small models, to test graphs of other precisions with."""

from pathlib import Path

from jumok.bundle.manifest import GraphEntry, Graphs
from jumok.bundle.signature import DECODER_STEP, ENCODER
from jumok.runtime.engine import Engine

VOCABULARY = 300
SOURCES = [[5, 9, 12, 3], [7, 3], [3], [4, 4, 8, 15, 11, 200, 299, 3], [17, 3, 3, 3]]
SIZES = {
    "embedding_size": 64,
    "encoder_size": 48,
    "decoder_size": 96,
    "attention_size": 64,
    "attentional_size": 64,
}


def open_graphs(encoder: Path, decoder_step: Path, vocabulary: int = VOCABULARY) -> Engine:
    """Open two graphs, which may be in different folders."""
    graphs = Graphs(
        encoder=GraphEntry(file=encoder.name, signature=ENCODER),
        decoder_step=GraphEntry(file=decoder_step.name, signature=DECODER_STEP),
    )
    if encoder.parent != decoder_step.parent:
        decoder_step.with_name(encoder.name).write_bytes(encoder.read_bytes())
    return Engine(decoder_step.parent, graphs, vocabulary)
