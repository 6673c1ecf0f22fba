"""What searches and scorers run on: a model behind the signatures of the two graphs."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Encoded(NamedTuple):
    """What the encoder makes of a batch; see `bundle.signature.ENCODER`.

    Attributes:
        encoder_states: float32 [batch, source, encoder], the values.
        projected_keys: float32 [batch, source, key].
        decoder_state: float32 [batch, state], before the first step.
        source_lengths: int32 [batch].
    """

    encoder_states: NDArray[np.float32]
    projected_keys: NDArray[np.float32]
    decoder_state: NDArray[np.float32]
    source_lengths: NDArray[np.int32]

    def take(self, sentences: NDArray[Any]) -> "Encoded":
        """Keep some sentences, by index, in this order."""
        return Encoded(*(array[sentences] for array in self))


class Step(NamedTuple):
    """What a step gives; see `bundle.signature.DECODER_STEP`.

    Attributes:
        token_ids: int64 [batch, beam, candidates], best first.
        log_probs: float32 [batch, beam, candidates].
        attention: float32 [batch, beam, source].
        decoder_state: float32 [batch, beam, state].
        scored_log_probs: float32 [batch, beam], of `scored_ids`.
    """

    token_ids: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    decoder_state: NDArray[np.float32]
    scored_log_probs: NDArray[np.float32]


class StepModel(Protocol):
    """An encoder and a decoder step, in PyTorch or on ONNX Runtime."""

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        """Encode [batch, source], padded, of true lengths [batch]."""
        ...

    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        decoder_state: NDArray[np.float32],
        encoded: Encoded,
        candidates: int,
    ) -> Step:
        """Read a token for each hypothesis; ids int64 [batch, beam], state [batch, beam, state].

        Hypothesis b of a sentence continues hypothesis parents[b]; the log-probability of
        `scored_ids` as next tokens is given too. `candidates` says how many continuations to
        rank, at most the vocabulary and `bundle.signature.MOST_CANDIDATES`.
        """
        ...
