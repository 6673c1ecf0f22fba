"""The model as searches see it: an encoder and a decoder step behind their signatures."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.signature import GraphSignature

Tensors = Mapping[str, Any]
"""Arrays by the names that they have in the signatures, batch first; an engine may keep them on a
device, as values of its own that only its rows read."""

_NONE: Final[Tensors] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the encoder returns for a batch.

    Attributes:
        tensors: memory and first states by name, see `jumok.bundle.signature`; for the shipped
            models `encoder_states` float32 [batch, source, encoder], `projected_keys` float32
            [batch, source, key] and `decoder_state` float32 [batch, state].
        source_lengths: int32 [batch].
    """

    tensors: Tensors
    source_lengths: NDArray[np.int32]

    def __getitem__(self, name: str) -> Any:
        return self.tensors[name]


class StepInput(NamedTuple):
    """What a decoder step reads.

    Attributes:
        previous_ids: int64 [batch, beam], the last token of each hypothesis.
        parents: int64 [batch, beam], the hypothesis that each one continues.
        scored_ids: int64 [batch, beam], tokens whose log-probability is wanted.
        candidates: how many continuations to rank, at most the vocabulary and
            `jumok.bundle.signature.MOST_CANDIDATES`.
        tensors: states [batch, beam, …], memory [batch, …] and `source_lengths` int32 [batch], by
            name; empty until the rows add what they carry.
    """

    previous_ids: NDArray[np.int64]
    parents: NDArray[np.int64]
    scored_ids: NDArray[np.int64]
    candidates: int
    tensors: Tensors = _NONE


class Step(NamedTuple):
    """What a decoder step returns.

    Attributes:
        token_ids: int64 [batch, beam, candidates], best first.
        log_probs: float32 [batch, beam, candidates].
        attention: float32 [batch, beam, source].
        scored_log_probs: float32 [batch, beam], of `scored_ids`.
        states: the next states by name, without `next_`; empty if they stay on a device.
    """

    token_ids: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    scored_log_probs: NDArray[np.float32]
    states: Tensors


class StepModel(Protocol):
    """An encoder and a decoder step, in PyTorch or on ONNX Runtime."""

    @property
    def signature(self) -> GraphSignature:
        """The signature of the decoder step."""
        ...

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode [batch, source], padded, of true lengths [batch]."""
        ...

    def step(self, inputs: StepInput) -> Step:
        """Extend each hypothesis by a token, and rank the continuations."""
        ...
