"""A lane: running sentences of similar length, as rows of preallocated arrays."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np

from service.engine import Encoded, Engine, Stepped

T = TypeVar("T")


class Lane(Generic[T]):
    """Rows that are stepped together.

    Running rows are always a prefix, so what goes to the engine is a view. Leaving moves the last
    row into the hole; joining appends.

    Attributes:
        width: the longest source that fits, in tokens, the end counted.
        members: who stands in each running row.
    """

    def __init__(self, engine: Engine, width: int, capacity: int, begin: int) -> None:
        """Preallocate `capacity` rows of `width` source positions; decoding starts at `begin`."""
        sizes = engine.sizes
        self._engine, self._begin = engine, begin
        self.width = width
        self.members: list[T] = []
        self._previous_ids = np.zeros((capacity, 1), dtype=np.int64)
        self._parents = np.zeros((capacity, 1), dtype=np.int64)
        self._scored_ids = np.zeros((capacity, 1), dtype=np.int64)  # nobody asks for scores yet
        self._state = np.zeros((capacity, 1, sizes.state), dtype=np.float32)
        self._encoder_states = np.zeros((capacity, width, sizes.encoder), dtype=np.float32)
        self._projected_keys = np.zeros((capacity, width, sizes.key), dtype=np.float32)
        self._lengths = np.zeros(capacity, dtype=np.int32)

    def admit(self, members: Sequence[T], sources: Sequence[Sequence[int]]) -> None:
        """Encode sources and append a row for each.

        Args:
            members: who stands in the new rows; together with `members` at most `capacity`.
            sources: for each its token ids, ended, at most `width`.

        Raises:
            Exception: whatever the engine raises; no row is appended then.
        """
        first, last = len(self.members), len(self.members) + len(members)
        source_ids = np.zeros((len(sources), self.width), dtype=np.int64)
        for row, source in enumerate(sources):
            source_ids[row, : len(source)] = source
        rows = slice(first, last)
        self._lengths[rows] = [len(source) for source in sources]
        encoded: Encoded = self._engine.encode(source_ids, self._lengths[rows])
        self._encoder_states[rows] = encoded.encoder_states
        self._projected_keys[rows] = encoded.projected_keys
        self._state[rows, 0] = encoded.decoder_state
        self._previous_ids[rows] = self._begin
        self.members.extend(members)

    def step(self) -> Stepped:
        """Step all running rows; each then goes on from its best candidate.

        Returns:
            Arrays [batch, beam = 1, …], in the order of `members`.
        """
        rows = slice(0, len(self.members))
        stepped = self._engine.step(
            self._previous_ids[rows],
            self._parents[rows],
            self._scored_ids[rows],
            self._state[rows],
            self._encoder_states[rows],
            self._projected_keys[rows],
            self._lengths[rows],
        )
        self._state[rows] = stepped.next_decoder_state
        self._previous_ids[rows] = stepped.token_ids[:, :, 0]
        return stepped

    def release(self, row: int) -> None:
        """Free a row; the last row moves into its place."""
        last = len(self.members) - 1
        if row != last:
            for array in (
                self._previous_ids,
                self._state,
                self._encoder_states,
                self._projected_keys,
                self._lengths,
            ):
                array[row] = array[last]
            self.members[row] = self.members[last]
        self.members.pop()
