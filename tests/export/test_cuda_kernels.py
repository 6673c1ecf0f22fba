"""Check, without a GPU, that CUDA has a kernel for each node of our graphs.

ONNX Runtime gives a node to a kernel that is registered for exactly the version of its operator, or
for a bounded range that includes it. A kernel of an open range, such as 18 and later, does not run
version 20 of the operator: such a node falls back to the CPU, which copies its inputs and outputs
and prevents capturing the step as a CUDA graph.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import onnx
import pytest
import torch

from jumok.export.graph_files import write_graphs
from jumok.runtime.session import arrange_graph
from jumok.training.network.configuration import ModelConfiguration
from jumok.training.network.seq2seq import Seq2Seq
from tests.export.small import SIZES, VOCABULARY

_DATA: Final = json.loads(Path(__file__).with_name("cuda_kernels.json").read_text("utf-8"))
KERNELS: Final[dict[str, list[list[str]]]] = _DATA["kernels"]
MODELS: Final = Path(__file__).parents[2] / "models"
FIRST: Final = slice(0, 1)
TYPED: Final = {
    "Where": slice(1, None),
    "Pad": FIRST,
    "ReduceL2": FIRST,
    "ReduceMax": FIRST,
    "ReduceSum": FIRST,
}
"""Inputs that the list's types apply to, for operators where it is not all of them. The others (a
condition, axes, sizes of padding) have a single type."""

SHAPES: Final[list[dict[str, Any]]] = [
    {},
    {"cell": "lstm", "encoder_layers": 2, "decoder_layers": 2, "residual": True},
    {"wiring": "bahdanau", "score": "dot", "tie_output": True, "bidirectional": False},
    {"wiring": "conditional", "score": "cosine"},
    {"score": "general", "input_feeding": False},
    {"score": "location"},
    {"score": "none"},
    {"score": "scaled_dot", "lexical": True},
]


def takes(versions: str, since: int) -> bool:
    """Tell whether a kernel for these versions runs the version `since` of an operator."""
    if versions.endswith("+"):
        return since == int(versions[:-1])
    first, last = map(int, versions.split("-"))
    return first <= since <= last


def types(names: str) -> set[str]:
    """Expand a list of types, in which sets of types have names."""
    sets: dict[str, str] = _DATA["sets"]
    found = set()
    for name in names.split():
        spelt = sets.get(name, name).split()
        found |= {name} if spelt == [name] else set(spelt)
    return found


def missing(model: onnx.ModelProto) -> Iterator[str]:
    """Yield a description of each node that CUDA has no kernel for."""
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    kinds = {
        value.name: onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type).name
        for value in (*graph.input, *graph.output, *graph.value_info)
    }
    for tensor in graph.initializer:
        kinds[tensor.name] = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).name
    names = {"float32": "float", "float64": "double"}
    for node in graph.node:
        since = onnx.defs.get_schema(node.op_type, opsets[node.domain], node.domain).since_version
        fitting = [
            kinds_ for versions, kinds_ in KERNELS.get(node.op_type, []) if takes(versions, since)
        ]
        if node.domain or not fitting:
            yield f"{node.op_type} {since}"
            continue
        read = [name for name in node.input if name][TYPED.get(node.op_type, slice(None))]
        found = {names.get(kinds[name], kinds[name]) for name in read}
        if not any(found <= types(kernel) for kernel in fitting):
            yield f"{node.op_type} {since} of {', '.join(sorted(found))}"


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_exported_graphs(tmp_path: Path, shape: dict[str, Any]) -> None:
    """Every node of both graphs, in float32 and float16, has a kernel for its version and types."""
    torch.manual_seed(0)
    sizes = SIZES | ({"encoder_size": 96} if shape.get("bidirectional") is False else {})
    model = Seq2Seq(ModelConfiguration(**(sizes | shape)), VOCABULARY, VOCABULARY, 0, 40).eval()
    write_graphs(model, tmp_path, precisions=["float16"])
    files = sorted(tmp_path.iterdir())
    assert len(files) == 4
    assert {file.name: list(missing(onnx.load(file))) for file in files} == {
        file.name: [] for file in files
    }


@pytest.mark.parametrize("bundle", ["de-en", "ko-en"])
def test_shipped_graphs(bundle: str) -> None:
    """Every node of the shipped float32 graphs has a kernel."""
    for kind in ("encoder", "decoder_step"):
        assert list(missing(onnx.load(MODELS / bundle / f"{kind}.onnx"))) == []


def test_the_graph_that_moves_rows() -> None:
    """Every node of the graph that moves rows on a device has a kernel."""
    assert list(missing(onnx.load_from_string(arrange_graph()))) == []


def test_versions() -> None:
    """An open range covers its first version only, a bounded one all versions in it."""
    assert takes("18+", 18)
    assert not takes("18+", 20)
    assert not takes("13+", 11)
    assert takes("11-12", 11)
    assert takes("11-12", 12)
    assert not takes("11-12", 13)


@pytest.mark.parametrize(
    ("op_type", "opset", "kind", "expected"),
    [
        ("ReduceMax", 18, onnx.TensorProto.FLOAT, []),
        ("ReduceMax", 20, onnx.TensorProto.FLOAT, ["ReduceMax 20"]),
        ("ReduceMax", 18, onnx.TensorProto.INT8, ["ReduceMax 18 of int8"]),
        ("Det", 18, onnx.TensorProto.FLOAT, ["Det 11"]),
    ],
)
def test_missing_operators_are_found(
    op_type: str, opset: int, kind: int, expected: list[str]
) -> None:
    """A node of another version or type than CUDA's kernels, or without any, is reported."""
    node = onnx.helper.make_node(op_type, ["x"], ["y"])
    graph = onnx.helper.make_graph(
        [node],
        "graph",
        [onnx.helper.make_tensor_value_info("x", kind, [2, 2])],
        [onnx.helper.make_tensor_value_info("y", kind, None)],
    )
    opsets = [onnx.helper.make_opsetid("", opset)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)
    assert list(missing(model)) == expected
