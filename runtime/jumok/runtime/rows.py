"""Rows: what running sentences carry from step to step, in memory where the engine wants it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.step_model import Encoded, Step, StepModel


@dataclass(frozen=True, slots=True)
class Sizes:
    """Features of the tensors that a sentence carries from step to step."""

    encoder: int
    key: int
    state: int


class Rows(Protocol):
    """A row for each running sentence; those that run are a prefix."""

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """Put into a row that sentence of what the engine has encoded."""
        ...

    def move(self, row: int, to: int) -> None:
        """Put what one row carries into another one."""
        ...

    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        candidates: int,
    ) -> Step:
        """Step the first rows, as many as there are ids [row, beam]; see `StepModel.step`.

        What rows carry stays as it was until `advance`.
        """
        ...

    def advance(self) -> None:
        """Go on with the states that the last step came to."""
        ...

    def states(self) -> NDArray[np.float32]:
        """Return the decoder states [row, beam, state], until `advance`."""
        ...

    def sentence(self, row: int) -> Encoded:
        """Return a copy of the sentence of a row, which stays what it is."""
        ...


class HostRows:
    """`Rows` as arrays of NumPy. What a step is given of them are views."""

    def __init__(
        self,
        model: StepModel,
        sizes: Sizes,
        beam: int,
        width: int,
        capacity: int,
    ) -> None:
        """Make `capacity` rows of `beam` hypotheses and `width` source positions."""
        self._model = model
        self._encoder_states = np.zeros((capacity, width, sizes.encoder), dtype=np.float32)
        self._projected_keys = np.zeros((capacity, width, sizes.key), dtype=np.float32)
        self._state = np.zeros((capacity, beam, sizes.state), dtype=np.float32)
        self._lengths = np.zeros(capacity, dtype=np.int32)
        self._next: NDArray[np.float32] = self._state[:0]

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """As `Rows.admit`."""
        self._lengths[row] = length = encoded.source_lengths[sentence]
        self._encoder_states[row, :length] = encoded.encoder_states[sentence, :length]
        self._projected_keys[row, :length] = encoded.projected_keys[sentence, :length]
        self._state[row] = encoded.decoder_state[sentence]

    def move(self, row: int, to: int) -> None:
        """As `Rows.move`."""
        self._lengths[to] = length = self._lengths[row]
        self._state[to] = self._state[row]
        for memory in (self._encoder_states, self._projected_keys):
            memory[to, :length] = memory[row, :length]

    def step(
        self,
        previous_ids: NDArray[np.int64],
        parents: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        candidates: int,
    ) -> Step:
        """As `Rows.step`."""
        rows = slice(0, len(previous_ids))
        step = self._model.step(
            previous_ids, parents, scored_ids, self._state[rows], self._encoded(rows), candidates
        )
        self._next = step.decoder_state
        return step

    def advance(self) -> None:
        """As `Rows.advance`."""
        self._state[: len(self._next)] = self._next

    def states(self) -> NDArray[np.float32]:
        """As `Rows.states`."""
        return self._state

    def sentence(self, row: int) -> Encoded:
        """As `Rows.sentence`."""
        return self._encoded(slice(row, row + 1)).take(np.array([0]))

    def _encoded(self, rows: slice) -> Encoded:
        return Encoded(
            self._encoder_states[rows],
            self._projected_keys[rows],
            self._state[rows, 0],
            self._lengths[rows],
        )
