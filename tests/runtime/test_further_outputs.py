"""Tensors inside a graph as further outputs."""

from pathlib import Path

import onnx

from jumok.runtime.further_outputs import with_outputs


def test_outputs_are_appended(tiny_bundle: Path) -> None:
    """The graph keeps its outputs and returns others after them; nothing else changes."""
    path = tiny_bundle / "decoder_step.onnx"
    names = ["scores", "x" * 300]
    graph = onnx.load_from_string(with_outputs(path.read_bytes(), names)).graph
    before = onnx.load(path).graph
    assert [output.name for output in graph.output] == [
        *(output.name for output in before.output),
        *names,
    ]
    assert list(graph.node) == list(before.node)
    assert list(graph.initializer) == list(before.initializer)
