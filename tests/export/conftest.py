"""Fixtures: a checkpoint, its graphs, and exports that do not trace the model again."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import torch

from jumok.bundle.manifest import Precision
from jumok.export import exporter, parity, parity_report
from jumok.runtime.engine import Engine
from jumok.training.checkpoint import Checkpoint, load_checkpoint
from jumok.training.network.seq2seq import Seq2Seq
from tests.export.small import open_graphs

CPU = "CPUExecutionProvider"


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny(tiny_run: Path) -> Checkpoint:
    """Return the checkpoint that `tiny_bundle` was exported from."""
    return load_checkpoint(tiny_run)


@pytest.fixture(scope="session")
def runtime(tiny_bundle: Path, tiny: Checkpoint) -> Engine:
    """Return an engine with its graphs."""
    graphs = tiny_bundle / "encoder.onnx", tiny_bundle / "decoder_step.onnx"
    return open_graphs(*graphs, tiny.target.vocabulary_size)


@pytest.fixture
def quick(
    tiny: Checkpoint, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Checkpoint]:
    """Return a function that prepares a quick export of `tiny_bundle`'s graphs, after edits."""

    def prepare(
        encoder: Callable[[onnx.ModelProto], None] = lambda graph: None,
        decoder_step: Callable[[onnx.ModelProto], None] = lambda graph: None,
    ) -> Checkpoint:
        def write(
            model: Seq2Seq, folder: Path, half: bool = False, precisions: Collection[Precision] = ()
        ) -> None:
            for name, edit in (("encoder.onnx", encoder), ("decoder_step.onnx", decoder_step)):
                graph = onnx.load(tiny_bundle / name)
                edit(graph)
                onnx.save(graph, folder / name)

        monkeypatch.setattr(exporter, "write_graphs", write)
        monkeypatch.setattr(parity, "BATCH_SIZES", range(1, 5))
        monkeypatch.setattr(parity_report, "SENTENCES", 8)
        return replace(tiny, held_out=tiny.held_out[:8])

    return prepare
