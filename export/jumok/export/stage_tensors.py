"""Stages of attention in an exported decoder step; see `jumok.bundle.stages`.

While a graph is made and converted, its stages are outputs after those of the signature, so that no
conversion removes them. Before it is saved, these outputs are removed again, and the graph says
which of its tensors they were, as metadata.
"""

from collections.abc import Sequence
from typing import Final

import onnx

from jumok.bundle.stages import STAGES, Stage, Stages
from jumok.training.network.decoder import Decoder
from jumok.training.network.score_function import SCORE_FUNCTIONS

_KEY: Final = "jumok.stages"
_COPIES: Final = ("Cast", "Identity")


def stages_of(decoder: Decoder) -> tuple[Stage, ...]:
    """Return the stages of a decoder's step; without attention, none."""
    if _score_function(decoder) == "none":
        return ()
    return tuple(stage for stage in STAGES if stage != "lexical" or decoder.lexical)


def hide_stages(model: onnx.ModelProto, decoder: Decoder, stages: Sequence[Stage]) -> None:
    """Remove the stages, which are the last outputs of a graph, from its outputs.

    Their tensors stay, under the names in the metadata. Copies of tensors that only the outputs
    needed are removed, so a graph computes nothing more than one without stages.
    """
    if not stages:
        return
    names = [output.name for output in model.graph.output[-len(stages) :]]
    del model.graph.output[-len(stages) :]
    tensors: dict[Stage, str] = {}
    for stage, name in zip(stages, names, strict=True):
        while (copy := _unused_copy(model.graph, name)) is not None:
            model.graph.node.remove(copy)
            name = copy.input[0]
        tensors[stage] = name
    found = Stages(score_function=_score_function(decoder), wiring=decoder.wiring, tensors=tensors)
    model.metadata_props.add(key=_KEY, value=found.model_dump_json())


def stages_in(model: onnx.ModelProto) -> Stages | None:
    """Return the stages that `hide_stages` has hidden in a graph; None if it has none."""
    for entry in model.metadata_props:
        if entry.key == _KEY:
            return Stages.model_validate_json(entry.value)
    return None


def _unused_copy(graph: onnx.GraphProto, name: str) -> onnx.NodeProto | None:
    """Return the node that copies another tensor to `name`, if nothing reads the copy."""
    used = {each for node in graph.node for each in node.input}
    if name in used or name in {output.name for output in graph.output}:
        return None
    makers = (node for node in graph.node if name in node.output)
    return next((node for node in makers if node.op_type in _COPIES), None)


def _score_function(decoder: Decoder) -> str:
    kind = type(decoder.attention.score)
    return next(name for name, function in SCORE_FUNCTIONS.items() if function is kind)
