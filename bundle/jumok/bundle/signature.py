"""Signatures of the two graphs: tensor names, dtypes and axes.

The service knows nothing else about a model: not its cell, layers or score function.

Axis words: `batch` is the number of sentences; `source` the number of source positions, padded;
`encoder`, `key` and `state` are feature sizes; `beam` is the number of hypotheses per sentence;
`candidates` the number of continuations to rank per hypothesis, at most the vocabulary size and
`MOST_CANDIDATES`. The input `candidate_ranks` holds the numbers 0, 1, …, `candidates` - 1; only its
length matters.

A sentence carries named tensors from step to step:

- A **state** is an input `X` of the step that the step returns as `next_X`. The encoder returns its
  initial value as `X`, without the axis `beam`.
- The **memory** is all other outputs of the encoder. Every step reads them unchanged.

A state with the axis `target` grows by one position per step. Its model also takes
`target_lengths` int32 [batch], the number of positions filled so far in each row, and returns the
state with the new position at that index. Sentences of different ages can share a batch: positions
from `target_lengths` on have arbitrary values, which the model must mask.
"""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Dtype = Literal["int32", "int64", "float32"]

NEXT: Final = "next_"
"""Prefix of a state's name among the outputs of the step."""

GROWING: Final = "target"
"""The axis along which a state grows by one position per step."""

TARGET_LENGTHS: Final = "target_lengths"
"""The input of the step that tells how many positions of growing states are filled."""


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
        """Inputs of a decoder step that it returns for the next step."""
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
"""More than sampling needs, and a power of two, because counts are rounded up on a device."""

DYNAMIC_AXES: Final = frozenset({"batch", "source", "beam", "candidates", GROWING})
"""Axes whose sizes the caller chooses; the others are fixed by the model."""
