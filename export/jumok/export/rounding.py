"""Weights rounded to and stored in float16; graphs compute with them in float32."""

from dataclasses import replace

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from jumok.export.greedy import alike, held_out_sources, translate
from jumok.export.parity_report import Rounding
from jumok.training.checkpoint import Checkpoint
from jumok.training.network.torch_model import TorchModel

_SMALLEST = 1024  # elements; for smaller weights a cast costs more than it saves


def rounded(checkpoint: Checkpoint) -> Checkpoint:
    """Round the weights of a checkpoint, or their average if it has one, to float16."""
    weights = {
        name: parameter.detach().half().float()
        for name, parameter in checkpoint.build_model().named_parameters()
    }
    return replace(checkpoint, model=weights, averaging={})


def compare_rounded(checkpoint: Checkpoint, other: Checkpoint) -> Rounding:
    """Compare greedy translations of held-out sentences before and after rounding, in PyTorch."""
    sources = held_out_sources(checkpoint)
    exact, near = (
        translate(checkpoint, TorchModel(each.build_model()), sources)
        for each in (checkpoint, other)
    )
    pairs = [(a, b) for a, b in zip(exact, near, strict=True) if alike(a, b)]
    difference = max((float(np.abs(a.log_probs - b.log_probs).max()) for a, b in pairs), default=0)
    return Rounding(sentences=len(sources), identical=len(pairs), log_probs=difference)


def store_in_half(model: onnx.ModelProto) -> None:
    """Store float32 weights that are exact in float16 as float16, with a cast to float32.

    Results do not change, and ONNX Runtime folds the casts when it loads the graph.
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
