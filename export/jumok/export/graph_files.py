"""The files of a model's graphs."""

import logging
import warnings
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final, get_args

import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from jumok.bundle.manifest import GraphEntry, Graphs, Precision
from jumok.bundle.signature import DECODER_STEP, DYNAMIC_AXES, ENCODER, GraphSignature
from jumok.export.graphs import EncoderGraph
from jumok.export.half_precision import multiply_in_half
from jumok.export.quantization import quantize
from jumok.export.rounding import store_in_half
from jumok.export.stage_tensors import hide_stages, stages_in, stages_of
from jumok.training.network.ranked_step import RankedStep
from jumok.training.network.seq2seq import Seq2Seq

OPSET: Final = 18
"""The newest opset for which CUDA has all kernels: it lacks version 20 of ReduceMax and of
ConstantOfShape, so such nodes would run on the CPU."""

_CONVERSIONS: Final[dict[Precision, Callable[[onnx.ModelProto], onnx.ModelProto]]] = {
    "int8": quantize,
    "float16": multiply_in_half,
}


def write_graphs(
    model: Seq2Seq, folder: Path, half: bool = False, precisions: Collection[Precision] = ()
) -> None:
    """Write the two graphs of a model in evaluation mode, one file each.

    Graphs in `precisions` are written in addition to float32. With `half`, weights that are exact
    in float16 are stored as float16, whatever precision the graph computes in.
    """
    stages = stages_of(model.decoder)
    sizes = {"batch": 3, "source": 5, "beam": 2, "candidates": 4}
    with torch.no_grad():
        source_ids = torch.full((sizes["batch"], sizes["source"]), 4)
        lengths = torch.tensor([5, 3, 1], dtype=torch.int32)
        memory, state = model.encode(source_ids, lengths.long())
        ids = torch.zeros(sizes["batch"], sizes["beam"], dtype=torch.int64)
        state = state.unsqueeze(1).repeat(1, sizes["beam"], 1)
        graphs = (
            _make_graph(EncoderGraph(model), (source_ids, lengths), ENCODER),
            _make_graph(
                RankedStep(model.decoder, stages),
                # clones, because the same tensor given twice is traced as one input, and the keys
                # can be the states
                (
                    *(ids, ids.clone(), ids.clone(), state),
                    *(memory.encoder_states, memory.projected_keys.clone(), lengths),
                    torch.arange(sizes["candidates"]),
                ),
                DECODER_STEP,
                stages,
            ),
        )
    converted = {
        each: tuple(map(convert, graphs))
        for each, convert in _CONVERSIONS.items()
        if each in precisions
    }
    for precision, (encoder, decoder_step) in {**converted, "float32": graphs}.items():
        hide_stages(decoder_step, model.decoder, stages)
        for graph, file in zip((encoder, decoder_step), file_names(precision), strict=True):
            _save(graph, folder / file, half)


def _make_graph(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    signature: GraphSignature,
    further: Sequence[str] = (),
) -> onnx.ModelProto:
    """Trace a module; `further` names outputs after those of the signature."""
    dims = {axis: Dim(axis) for axis in DYNAMIC_AXES}
    # the exporter warns about its own code; the parity report checks what matters
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module.eval(),
            inputs,
            dynamo=True,
            opset_version=OPSET,
            input_names=[tensor.name for tensor in signature.inputs],
            output_names=[*(tensor.name for tensor in signature.outputs), *further],
            dynamic_shapes=tuple(
                {
                    place: dims[axis]
                    for place, axis in enumerate(tensor.axes)
                    if axis in DYNAMIC_AXES
                }
                for tensor in signature.inputs
            ),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    for node in model.graph.node:  # remove references to the PyTorch source
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    model.graph.ClearField("value_info")
    return model


def _save(graph: onnx.ModelProto, path: Path, half: bool) -> None:
    if half:
        store_in_half(graph)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, path)


def file_names(precision: Precision) -> tuple[str, str]:
    """Return the file names of the encoder and of the decoder step."""
    middle = "" if precision == "float32" else f".{precision}"
    return f"encoder{middle}.onnx", f"decoder_step{middle}.onnx"


def graphs_in(folder: Path) -> dict[Precision, Graphs]:
    """Return the manifest's entries for the graphs that `write_graphs` wrote to a folder."""
    precisions: tuple[Precision, ...] = get_args(Precision)
    return {
        precision: Graphs(
            encoder=GraphEntry(file=encoder, signature=ENCODER),
            decoder_step=GraphEntry(file=decoder_step, signature=DECODER_STEP),
            stages=stages_in(onnx.load(folder / decoder_step)),
        )
        for precision in precisions
        for encoder, decoder_step in [file_names(precision)]
        if (folder / encoder).exists()
    }
