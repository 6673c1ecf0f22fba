"""Signatures of the two graphs: tensor names, dtypes and axes.

The service learns nothing else about the model: cell, layers and score function are behind these.
Axis words: `batch` sentences; `source` positions, padded; `encoder`, `key`, `state` features;
`beam` hypotheses of a sentence; `candidates` continuations of a hypothesis, as many as the caller
wants ranked, at most the vocabulary and `MOST_CANDIDATES`: `candidate_ranks` holds the numbers from
0 up to there, and its length is what counts.

A sentence carries named tensors from step to step. A **state** is an input `X` of the step that the
step returns as `next_X`; the encoder returns its first value as `X`, without the axis `beam`. All
other outputs of the encoder are the **memory**, which every step reads unchanged. A state may grow
by one position a step, along the axis `target`: then the step also takes `target_lengths` int32
[batch], the positions filled so far, and writes the new one there; what lies beyond is padding.
"""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Dtype = Literal["int32", "int64", "float32"]

NEXT: Final = "next_"
"""What the name of a state begins with among the outputs of the step."""

GROWING: Final = "target"
"""The axis along which a state grows by one position a step."""

TARGET_LENGTHS: Final = "target_lengths"
"""The step's input that tells how many positions of growing states are filled."""


class TensorSignature(BaseModel):
    """One input or output of a graph."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    dtype: Dtype
    axes: tuple[str, ...]


class GraphSignature(BaseModel):
    """The inputs and outputs of a graph, in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inputs: tuple[TensorSignature, ...]
    outputs: tuple[TensorSignature, ...]

    @property
    def states(self) -> tuple[TensorSignature, ...]:
        """The inputs of a decoder step that it returns for the next one."""
        returned = {tensor.name for tensor in self.outputs}
        return tuple(tensor for tensor in self.inputs if NEXT + tensor.name in returned)


def _tensor(name: str, dtype: Dtype, *axes: str) -> TensorSignature:
    return TensorSignature(name=name, dtype=dtype, axes=axes)


_ENCODER_STATES = _tensor("encoder_states", "float32", "batch", "source", "encoder")
_PROJECTED_KEYS = _tensor("projected_keys", "float32", "batch", "source", "key")
_SOURCE_LENGTHS = _tensor("source_lengths", "int32", "batch")

ENCODER: Final = GraphSignature(
    inputs=(_tensor("source_ids", "int64", "batch", "source"), _SOURCE_LENGTHS),
    outputs=(
        _ENCODER_STATES,
        _PROJECTED_KEYS,
        _tensor("decoder_state", "float32", "batch", "state"),
    ),
)

DECODER_STEP: Final = GraphSignature(
    inputs=(
        _tensor("previous_ids", "int64", "batch", "beam"),
        _tensor("parents", "int64", "batch", "beam"),
        _tensor("scored_ids", "int64", "batch", "beam"),
        _tensor("decoder_state", "float32", "batch", "beam", "state"),
        _ENCODER_STATES,
        _PROJECTED_KEYS,
        _SOURCE_LENGTHS,
        _tensor("candidate_ranks", "int64", "candidates"),
    ),
    outputs=(
        _tensor("token_ids", "int64", "batch", "beam", "candidates"),
        _tensor("log_probs", "float32", "batch", "beam", "candidates"),
        _tensor("attention", "float32", "batch", "beam", "source"),
        _tensor("next_decoder_state", "float32", "batch", "beam", "state"),
        _tensor("scored_log_probs", "float32", "batch", "beam"),
    ),
)

MOST_CANDIDATES: Final = 512
"""More than sampling draws from, and a power of two: a device ranks so many, rounded up."""

DYNAMIC_AXES: Final = frozenset({"batch", "source", "beam", "candidates", GROWING})
"""Axes whose sizes the caller chooses; the others are the model's own."""
