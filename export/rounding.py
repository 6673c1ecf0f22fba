"""Weights in half the bytes: rounded to float16 once, stored so, and computed with in float32."""

from dataclasses import replace

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from decoding.batch_search import search
from decoding.options import Decoding
from export.parity_report import Rounding
from training.checkpoint import Checkpoint
from training.torch_model import TorchModel

_SMALLEST = 1024  # elements; below that a cast costs more than it saves
_BATCH = 32


def rounded(checkpoint: Checkpoint) -> Checkpoint:
    """Round the weights of a checkpoint, averaged if so trained, to what float16 can hold."""
    weights = {
        name: parameter.detach().half().float()
        for name, parameter in checkpoint.build_model().named_parameters()
    }
    return replace(checkpoint, model=weights, averaging={})


def compare_rounded(checkpoint: Checkpoint, other: Checkpoint) -> Rounding:
    """Say what rounding did to the greedy translations of held-out sentences, in PyTorch."""
    special, limits = checkpoint.source.special_ids, checkpoint.configuration.limits
    models = [TorchModel(each.build_model()) for each in (checkpoint, other)]
    sources = [
        [*ids, special.end]
        for ids in checkpoint.source.encode_ids(checkpoint.held_out)
        if 0 < len(ids) <= limits.max_source_tokens
    ]
    decoding = Decoding(limits.max_target_tokens)
    identical, difference = 0, 0.0
    for start in range(0, len(sources), _BATCH):
        exact, near = (
            search(model, sources[start : start + _BATCH], special, decoding) for model in models
        )
        for (a,), (b,) in zip(exact, near, strict=True):
            if a.token_ids == b.token_ids:
                identical += 1
                difference = max(difference, float(np.abs(a.log_probs - b.log_probs).max()))
    return Rounding(sentences=len(sources), identical=identical, log_probs=difference)


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
