"""The stepping driver: running sentences, a row each, and the searches that decide them."""

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from jumok.bundle.manifest import SpecialIds
from jumok.bundle.signature import GROWING, TARGET_LENGTHS
from jumok.decoding.beam import Beam
from jumok.decoding.greedy import GreedySearch
from jumok.decoding.options import Decoding
from jumok.decoding.posterior_attention import posterior_attention
from jumok.decoding.search import Ranked, Search
from jumok.decoding.step_model import Encoded, Step, StepInput, StepModel, Tensors


class RunningSentence(Protocol):
    """A sentence that is stepped.

    Attributes:
        source: token ids, ended.
        search: decides its tokens.
        posterior: if not None, the posterior attention of each step is appended, float32 [source];
            the search must follow a given translation then.
    """

    source: Sequence[int]
    search: Search
    posterior: list[NDArray[np.float32]] | None


class Rows(Protocol):
    """The named tensors that running sentences carry from step to step, a row each.

    Rows in use are a prefix. What a row carries does not change in `step`, only in `advance`.
    """

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """Fill a row with a sentence of an encoded batch."""
        ...

    def move(self, row: int, to: int) -> None:
        """Copy a row to another one."""
        ...

    def step(self, inputs: StepInput) -> Step:
        """Step as many of the first rows as `inputs` has; its tensors are the rows' own."""
        ...

    def advance(self) -> None:
        """Replace the states by those that the last step returned."""
        ...

    def carried(self, rows: Sequence[int]) -> Tensors:
        """Return copies of what some rows carry: memory, source lengths, and states."""
        ...


class HostRows:
    """`Rows` as NumPy arrays; a step is given views of them.

    Buffers are allocated when the first sentence is admitted, whose tensors have the sizes.
    """

    def __init__(self, model: StepModel, beam: int, width: int, capacity: int) -> None:
        """Make `capacity` rows of `beam` hypotheses and `width` source positions."""
        self._model, self._beam, self._width, self._capacity = model, beam, width, capacity
        self._axes = {tensor.name: tensor.axes for tensor in model.signature.inputs}
        self._state_names = [tensor.name for tensor in model.signature.states]
        self._growing = [name for name in self._state_names if GROWING in self._axes[name]]
        self._source_lengths = np.zeros(capacity, dtype=np.int32)
        self._target_lengths = np.zeros(capacity, dtype=np.int32)
        self._memory: dict[str, NDArray[np.float32]] = {}
        self._states: dict[str, NDArray[np.float32]] = {}
        self._next: Tensors = {}
        self._stepped = 0

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """As `Rows.admit`."""
        if not self._states:
            self._allocate(encoded)
        self._source_lengths[row] = length = encoded.source_lengths[sentence]
        for name, buffer in self._memory.items():
            positions = slice(0, length if "source" in self._axes[name] else None)
            buffer[row, positions] = encoded[name][sentence, positions]
        for name, buffer in self._states.items():
            if name in self._growing:
                first = encoded[name][sentence]
                self._target_lengths[row] = len(first)
                self._reserve(len(first))
                self._states[name][row, :, : len(first)] = first
            else:
                buffer[row] = encoded[name][sentence]

    def move(self, row: int, to: int) -> None:
        """As `Rows.move`."""
        self._source_lengths[to] = length = self._source_lengths[row]
        self._target_lengths[to] = self._target_lengths[row]
        for buffer in self._states.values():
            buffer[to] = buffer[row]
        for name, buffer in self._memory.items():
            positions = slice(0, length if "source" in self._axes[name] else None)
            buffer[to, positions] = buffer[row, positions]

    def step(self, inputs: StepInput) -> Step:
        """As `Rows.step`."""
        self._stepped = len(inputs.previous_ids)
        step = self._model.step(inputs._replace(tensors=self._tensors(slice(0, self._stepped))))
        self._next = step.states
        return step

    def advance(self) -> None:
        """As `Rows.advance`."""
        rows = slice(0, self._stepped)
        if self._growing:
            self._target_lengths[rows] += 1
            self._reserve(int(self._target_lengths[rows].max()))
        for name, following in self._next.items():
            if name in self._growing:
                self._states[name][rows, :, : following.shape[2]] = following
            else:
                self._states[name][rows] = following

    def carried(self, rows: Sequence[int]) -> Tensors:
        """As `Rows.carried`."""
        return self._tensors(list(rows))

    def _tensors(self, rows: slice | list[int]) -> Tensors:
        """Return what some rows carry: views of the buffers for a slice, copies for a list."""
        tensors: dict[str, NDArray[Any]] = {
            name: buffer[rows] for name, buffer in self._memory.items()
        }
        tensors |= {name: buffer[rows] for name, buffer in self._states.items()}
        tensors["source_lengths"] = self._source_lengths[rows]
        if self._growing:
            tensors[TARGET_LENGTHS] = lengths = self._target_lengths[rows]
            for name in self._growing:
                tensors[name] = tensors[name][:, :, : lengths.max()]
        return tensors

    def _allocate(self, encoded: Encoded) -> None:
        for name, tensor in encoded.tensors.items():
            if name in self._state_names:
                shape = (self._capacity, self._beam, *tensor.shape[1:])
                self._states[name] = np.zeros(shape, dtype=tensor.dtype)
            else:
                sizes = tensor.shape[1:]
                if "source" in self._axes[name]:
                    sizes = (self._width, *sizes[1:])
                self._memory[name] = np.zeros((self._capacity, *sizes), dtype=tensor.dtype)

    def _reserve(self, positions: int) -> None:
        """Make room for so many positions in the growing states, twice as much as before."""
        for name in self._growing:
            buffer = self._states[name]
            if (found := buffer.shape[2]) < positions:
                shape = (*buffer.shape[:2], max(positions, 2 * found), *buffer.shape[3:])
                self._states[name] = np.zeros(shape, dtype=buffer.dtype)
                self._states[name][:, :, :found] = buffer


def start_search(decoding: Decoding, special: SpecialIds) -> Search:
    """Make the search of one sentence, before its first step."""
    return GreedySearch(decoding, special) if decoding.beam == 1 else Beam(decoding, special)


T = TypeVar("T", bound=RunningSentence)


class Driver(Generic[T]):
    """Sentences that are stepped together.

    Running rows are always a prefix: releasing moves the last row into the gap, admitting appends.
    What a sentence gets does not depend on the others.

    Attributes:
        beam: hypotheses of each sentence.
        sentences: the sentence in each running row.
    """

    def __init__(self, model: StepModel, rows: Rows, beam: int) -> None:
        """Step with `model` what `rows` carry, for sentences of `beam` hypotheses."""
        self._model, self._rows, self.beam = model, rows, beam
        self.sentences: list[T] = []

    def admit(self, sentence: T, encoded: Encoded, index: int) -> None:
        """Append a sentence, which is number `index` of an encoded batch."""
        self._rows.admit(len(self.sentences), encoded, index)
        self.sentences.append(sentence)

    def step(self) -> None:
        """Step all running rows and advance each sentence's search."""
        searches = [sentence.search for sentence in self.sentences]
        inputs = StepInput(
            np.array([search.previous for search in searches], dtype=np.int64),
            np.array([search.parents for search in searches], dtype=np.int64),
            np.array([search.scored for search in searches], dtype=np.int64),
            max(search.candidates for search in searches),
        )
        step = self._rows.step(inputs)
        self._reweight(inputs, step)
        for row, sentence in enumerate(self.sentences):
            attention = step.attention[row, :, : len(sentence.source)]
            searches[row].advance(
                Ranked(
                    step.token_ids[row], step.log_probs[row], attention, step.scored_log_probs[row]
                )
            )
        self._rows.advance()

    def release(self, row: int) -> None:
        """Free a row; the last row moves into its place."""
        last = len(self.sentences) - 1
        if row != last:
            self._rows.move(last, row)
            self.sentences[row] = self.sentences[last]
        self.sentences.pop()

    def _reweight(self, inputs: StepInput, step: Step) -> None:
        """Append posterior attention for the sentences that want it."""
        rows = [row for row, each in enumerate(self.sentences) if each.posterior is not None]
        if not rows:
            return
        found = posterior_attention(
            self._model,
            StepInput(
                inputs.previous_ids[rows],
                inputs.parents[rows],
                inputs.scored_ids[rows],
                1,
                self._rows.carried(rows),
            ),
            step.attention[rows],
        )
        for row, weights in zip(rows, found, strict=True):
            sentence = self.sentences[row]
            assert sentence.posterior is not None
            sentence.posterior.append(weights[0, : len(sentence.source)])
