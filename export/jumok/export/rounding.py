"""Weights in half the bytes: rounded to float16 once, stored so, and computed with in float32."""

from dataclasses import replace

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from jumok.export.greedy import alike, held_out_sources, translate
from jumok.export.parity_report import Rounding
from jumok.training.checkpoint import Checkpoint
from jumok.training.network.torch_model import TorchModel

_SMALLEST = 1024  # elements; below that a cast costs more than it saves


def rounded(checkpoint: Checkpoint) -> Checkpoint:
    """Round the weights of a checkpoint, averaged if so trained, to what float16 can hold."""
    weights = {
        name: parameter.detach().half().float()
        for name, parameter in checkpoint.build_model().named_parameters()
    }
    return replace(checkpoint, model=weights, averaging={})


def compare_rounded(checkpoint: Checkpoint, other: Checkpoint) -> Rounding:
    """Say what rounding did to the greedy translations of held-out sentences, in PyTorch."""
    sources = held_out_sources(checkpoint)
    exact, near = (
        translate(checkpoint, TorchModel(each.build_model()), sources)
        for each in (checkpoint, other)
    )
    pairs = [(a, b) for a, b in zip(exact, near, strict=True) if alike(a, b)]
    difference = max((float(np.abs(a.log_probs - b.log_probs).max()) for a, b in pairs), default=0)
    return Rounding(sentences=len(sources), identical=len(pairs), log_probs=difference)


def store_in_half(model: onnx.ModelProto) -> None:
    """Store float32 weights that float16 holds exactly as float16, cast back when loaded.

    Nothing that the graph computes changes: ONNX Runtime folds the casts before the first run.
    """
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < _SMALLEST:
            continue
        values = numpy_helper.to_array(weight)
        with np.errstate(over="ignore"):
            half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(half, f"{name}.float16"))
        casts.append(helper.make_node("Cast", [weight.name], [name], to=TensorProto.FLOAT))
    for place, node in enumerate(casts):
        graph.node.insert(place, node)
