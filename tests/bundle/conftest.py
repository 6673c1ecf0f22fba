"""Fixtures: a tokenizer trained on a few sentences, and a bundle with dummy graphs."""

from pathlib import Path
from typing import Protocol

import pytest

from jumok.bundle.folder import file_entry, write_bundle
from jumok.bundle.manifest import MANIFEST_NAME, GraphEntry, Graphs, Limits, Manifest
from jumok.bundle.signature import DECODER_STEP, ENCODER
from jumok.bundle.tokenizer import Tokenizer


class Fill(Protocol):
    def __call__(self, folder: Path, encoder: bytes = ...) -> None: ...


SENTENCES = (
    "나는 학생입니다",
    "그는 학교에서 친구와 책을 읽습니다",
    "그녀는 책을 읽지 않습니다",
    "친구는 학교에 갑니다",
    "나는 학교에서 읽습니다",
    "I am a student",
    "he reads a book at school",
)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(SENTENCES * 3, 360, seed=1)


@pytest.fixture
def fill(tokenizer: Tokenizer) -> Fill:
    """Return a function that fills a folder with a bundle, given the bytes of its encoder."""

    def fill(folder: Path, encoder: bytes = b"encoder") -> None:
        (folder / "encoder.onnx").write_bytes(encoder)
        (folder / "decoder_step.onnx").write_bytes(b"decoder step")
        (folder / "tokenizer.model").write_bytes(tokenizer.model)
        manifest = Manifest(
            producer_version="0",
            name="made-up",
            source_language="ko",
            target_language="en",
            source_tokenizer="tokenizer.model",
            target_tokenizer="tokenizer.model",
            limits=Limits(max_source_tokens=10, max_target_tokens=10),
            precisions={
                "float32": Graphs(
                    encoder=GraphEntry(file="encoder.onnx", signature=ENCODER),
                    decoder_step=GraphEntry(file="decoder_step.onnx", signature=DECODER_STEP),
                )
            },
            files={file.name: file_entry(file) for file in sorted(folder.iterdir())},
            provenance={},
        )
        (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(), "utf-8")

    return fill


@pytest.fixture
def folder(tmp_path: Path, fill: Fill) -> Path:
    """Return the folder of a valid bundle."""
    path = tmp_path / "bundles" / "made-up"
    write_bundle(path, fill)
    return path
