"""The interface to a model: an encoder, a decoder step, and the rows that carry their tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.signature import GraphSignature

Tensors = Mapping[str, Any]
"""Arrays by their names in the signatures, batch axis first. Those of a model that runs on a device
may be handles of its own, which only its rows can read."""

_NONE: Final[Tensors] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Encoded:
    """The output of the encoder for a batch.

    Attributes:
        tensors: memory and initial states by name, see `jumok.bundle.signature`. The shipped models
            have `encoder_states` float32 [batch, source, encoder], `projected_keys` float32
            [batch, source, key] and `decoder_state` float32 [batch, state].
        source_lengths: int32 [batch].
    """

    tensors: Tensors
    source_lengths: NDArray[np.int32]

    def __getitem__(self, name: str) -> Any:
        return self.tensors[name]


class StepInput(NamedTuple):
    """The input of a decoder step.

    Attributes:
        previous_ids: int64 [batch, beam], the last token of each hypothesis.
        parents: int64 [batch, beam], the hypothesis of the previous step that each one extends.
        scored_ids: int64 [batch, beam], tokens whose log-probabilities to return.
        candidates: number of continuations to rank, at most the vocabulary size and
            `jumok.bundle.signature.MOST_CANDIDATES`.
        tensors: by name, states [batch, beam, …], memory [batch, …], `source_lengths` int32
            [batch], and `target_lengths` int32 [batch] if a state grows. Callers of `Rows.step`
            leave it empty; the rows fill it in.
    """

    previous_ids: NDArray[np.int64]
    parents: NDArray[np.int64]
    scored_ids: NDArray[np.int64]
    candidates: int
    tensors: Tensors = _NONE


class Step(NamedTuple):
    """The output of a decoder step.

    Attributes:
        token_ids: int64 [batch, beam, candidates], best first.
        log_probs: float32 [batch, beam, candidates].
        attention: float32 [batch, beam, source].
        scored_log_probs: float32 [batch, beam], of `scored_ids`.
        states: the next states by name, without the prefix `next_`; empty if the rows keep them
            on a device.
    """

    token_ids: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    scored_log_probs: NDArray[np.float32]
    states: Tensors


class Rows(Protocol):
    """The memory and states of the running sentences, as named tensors with one row per sentence.

    Rows in use are a prefix. `step` does not change the tensors; `advance` does.
    """

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """Fill a row with one sentence of an encoded batch."""
        ...

    def move(self, row: int, to: int) -> None:
        """Copy a row to another one."""
        ...

    def step(self, inputs: StepInput) -> Step:
        """Step the first rows, as many as `inputs` has; its `tensors` are ignored."""
        ...

    def advance(self) -> None:
        """Replace the states by those that the last step returned."""
        ...

    def carried(self, rows: Sequence[int]) -> Tensors:
        """Return copies of the tensors of some rows: memory, lengths and states."""
        ...


class StepModel(Protocol):
    """An encoder and a decoder step, in PyTorch or on ONNX Runtime."""

    @property
    def signature(self) -> GraphSignature:
        """The signature of the decoder step."""
        ...

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode padded sources int64 [batch, source] of true lengths int32 [batch]."""
        ...

    def step(self, inputs: StepInput) -> Step:
        """Extend each hypothesis by its previous token and rank the continuations."""
        ...

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        """Create `capacity` rows of `beam` hypotheses and `width` source positions."""
        ...
