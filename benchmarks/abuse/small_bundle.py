"""A bundle of a few kilobytes, whose graphs have both signatures but know nothing."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from jumok.bundle.folder import file_entry, write_bundle
from jumok.bundle.manifest import MANIFEST_NAME, GraphEntry, Graphs, Limits, Manifest
from jumok.bundle.signature import DECODER_STEP, DYNAMIC_AXES, ENCODER, GraphSignature
from jumok.bundle.stages import Stages
from jumok.bundle.tokenizer import Tokenizer

_SENTENCES: Final = (
    "나는 학생입니다",
    "그는 학교에 갑니다",
    "우리는 책을 읽습니다",
    "I am a student",
)
_VOCABULARY: Final = 290
_FEATURES: Final = 4
_STAGES: Final = Stages(
    score_function="dot",
    wiring="luong",
    tensors={
        "query": "next_decoder_state",
        "scores": "scores",
        "context": "embedded",
        "decoder_output": "next_decoder_state",
        "attentional": "next_decoder_state",
    },
)
_TYPES: Final = {"int32": onnx.TensorProto.INT32, "int64": onnx.TensorProto.INT64}


def write_small_bundle(path: Path) -> None:
    """Write the bundle to the folder `path`."""
    write_bundle(path, _fill)


def small_tokenizer() -> Tokenizer:
    """Train the tokenizer of the bundle."""
    return Tokenizer.train(_SENTENCES * 20, _VOCABULARY, seed=0)


def small_graphs(vocabulary: int) -> dict[str, onnx.ModelProto]:
    """Build the two graphs, by file name."""
    weights = np.random.default_rng(0).normal(size=(vocabulary, _FEATURES)).astype(np.float32)
    return {
        "encoder.onnx": _graph(
            ENCODER,
            [
                helper.make_node("Gather", ["weights", "source_ids"], ["encoder_states"]),
                helper.make_node("Identity", ["encoder_states"], ["projected_keys"]),
                helper.make_node(
                    "ReduceMean", ["encoder_states", "one"], ["decoder_state"], keepdims=0
                ),
            ],
            weights=weights,
            one=np.array([1]),
        ),
        "decoder_step.onnx": _graph(
            DECODER_STEP,
            [
                helper.make_node("Gather", ["weights", "previous_ids"], ["embedded"]),
                helper.make_node("Add", ["decoder_state", "embedded"], ["next_decoder_state"]),
                helper.make_node("Transpose", ["projected_keys"], ["keys"], perm=[0, 2, 1]),
                helper.make_node("MatMul", ["next_decoder_state", "keys"], ["scores"]),
                helper.make_node("Softmax", ["scores"], ["attention"], axis=2),
                helper.make_node("MatMul", ["next_decoder_state", "generator"], ["logits"]),
                helper.make_node("LogSoftmax", ["logits"], ["everything"], axis=2),
                helper.make_node("Shape", ["candidate_ranks"], ["count"]),
                helper.make_node("TopK", ["everything", "count"], ["log_probs", "token_ids"]),
                helper.make_node("Unsqueeze", ["scored_ids", "two"], ["scored"]),
                helper.make_node("GatherElements", ["everything", "scored"], ["found"], axis=2),
                helper.make_node("Squeeze", ["found", "two"], ["scored_log_probs"]),
            ],
            weights=weights,
            generator=np.ascontiguousarray(weights.T),
            two=np.array([2]),
        ),
    }


def _fill(folder: Path) -> None:
    tokenizer = small_tokenizer()
    (folder / "tokenizer.model").write_bytes(tokenizer.model)
    for name, graph in small_graphs(tokenizer.vocabulary_size).items():
        (folder / name).write_bytes(graph.SerializeToString())
    manifest = Manifest(
        producer_version="0",
        name="small",
        source_language="ko",
        target_language="en",
        source_tokenizer="tokenizer.model",
        target_tokenizer="tokenizer.model",
        limits=Limits(max_source_tokens=200, max_target_tokens=100),
        precisions={
            "float32": Graphs(
                encoder=GraphEntry(file="encoder.onnx", signature=ENCODER),
                decoder_step=GraphEntry(file="decoder_step.onnx", signature=DECODER_STEP),
                stages=_STAGES,
            )
        },
        files={file.name: file_entry(file) for file in sorted(folder.iterdir())},
        provenance={"step": 0, "metrics": {"bleu": 0.5}},
    )
    (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(), "utf-8")


def _graph(
    signature: GraphSignature, nodes: list[onnx.NodeProto], **values: NDArray[Any]
) -> onnx.ModelProto:
    inputs, outputs = (
        [
            helper.make_tensor_value_info(
                tensor.name,
                _TYPES.get(tensor.dtype, onnx.TensorProto.FLOAT),
                [axis if axis in DYNAMIC_AXES else _FEATURES for axis in tensor.axes],
            )
            for tensor in tensors
        ]
        for tensors in (signature.inputs, signature.outputs)
    )
    tensors = [numpy_helper.from_array(value, name) for name, value in values.items()]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    return model
