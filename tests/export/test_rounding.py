"""Weights stored in float16."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from jumok.bundle.folder import load_bundle
from jumok.export.exporter import export_bundle
from jumok.export.parity_report import ParityReport
from jumok.export.rounding import compare_rounded, rounded, store_in_half
from jumok.training.checkpoint import Checkpoint

CPU = "CPUExecutionProvider"


def test_rounded(tiny: Checkpoint) -> None:
    """Every weight is rounded to the nearest float16."""
    exact = dict(tiny.build_model().named_parameters())
    near = dict(rounded(tiny).build_model().named_parameters())
    assert near.keys() == exact.keys()
    for name, weight in near.items():
        torch.testing.assert_close(weight, exact[name], rtol=2**-11, atol=1e-7)
        assert torch.equal(weight, weight.half().float())
    assert any(not torch.equal(near[name], exact[name]) for name in near)


def test_comparison(tiny: Checkpoint) -> None:
    """A checkpoint does not differ from itself, and differs a little from its rounded weights."""
    same = compare_rounded(tiny, tiny)
    assert (same.identical, same.log_probs) == (same.sentences, 0)
    found = compare_rounded(tiny, rounded(tiny))
    assert found.sentences == same.sentences > 200
    assert found.identical > 0.9 * found.sentences
    assert 0 < found.log_probs < 0.1


def test_stored_in_half(tmp_path: Path) -> None:
    """Only weights that are exact in float16 are stored in it, and results do not change."""
    generator = np.random.default_rng(0)
    fine = generator.normal(size=(40, 40)).astype(np.float32)
    coarse = fine.astype(np.float16).astype(np.float32)
    few = np.ones(40, dtype=np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "coarse"], ["a"]),
            helper.make_node("MatMul", ["a", "fine"], ["b"]),
            helper.make_node("Add", ["b", "few"], ["y"]),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 40])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 40])],
        [
            numpy_helper.from_array(array, name)
            for name, array in (("fine", fine), ("coarse", coarse), ("few", few))
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    inputs = {"x": generator.normal(size=(3, 40)).astype(np.float32)}
    before = onnxruntime.InferenceSession(model.SerializeToString(), providers=[CPU])
    expected = before.run(None, inputs)[0]
    store_in_half(model)
    onnx.checker.check_model(model, full_check=True)
    kinds = {weight.name: weight.data_type for weight in model.graph.initializer}
    assert kinds == {
        "fine": TensorProto.FLOAT,
        "coarse.float16": TensorProto.FLOAT16,
        "few": TensorProto.FLOAT,
    }
    after = onnxruntime.InferenceSession(model.SerializeToString(), providers=[CPU])
    np.testing.assert_array_equal(after.run(None, inputs)[0], expected)


def test_bundle(tiny: Checkpoint, tiny_bundle: Path, tmp_path: Path) -> None:
    """Graphs are about half the size and pass; the report has the effect of rounding."""
    report = export_bundle(tiny, tmp_path / "half", [CPU], weights="float16")
    bundle = load_bundle(tmp_path / "half")
    stored = ParityReport.model_validate_json((tmp_path / "half/parity.json").read_text("utf-8"))
    assert stored == report
    stored.require()
    assert stored.rounding is not None
    assert stored.rounding.sentences > 200
    whole = load_bundle(tiny_bundle).manifest.files
    for name in ("encoder.onnx", "decoder_step.onnx"):
        assert bundle.manifest.files[name].size < 0.7 * whole[name].size
