"""The stepping driver: the running sentences of a batch, one row each, and their searches."""

import math
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
from jumok.decoding.step_model import Encoded, Rows, Step, StepInput, StepModel, Tensors


class BadOutputError(Exception):
    """A model returned something that cannot be the result of a step."""


class StepView(Protocol):
    """Wants to see the input of one step of a sentence.

    Attributes:
        index: index of the step, which is that of the token that it decides.
    """

    index: int

    def see(self, inputs: StepInput) -> None:
        """Receive the input of that step, of the sentence's row alone; called before its search."""
        ...


class RunningSentence(Protocol):
    """A sentence to decode.

    Attributes:
        source: token ids, including the end.
        search: decides the tokens.
        posterior: if not None, each step appends its posterior attention, float32 [source]; the
            search must then follow a given translation.
        view: if not None, sees the input of one step; the search must decide a token per step.
    """

    source: Sequence[int]
    search: Search
    posterior: list[NDArray[np.float32]] | None
    view: StepView | None


class HostRows:
    """`Rows` in NumPy arrays. The model reads views of them.

    Buffers are allocated on the first `admit`, which is when their sizes become known.
    """

    def __init__(self, model: StepModel, beam: int, width: int, capacity: int) -> None:
        """Create `capacity` rows of `beam` hypotheses and `width` source positions."""
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
        self._allocated = False

    def admit(self, row: int, encoded: Encoded, sentence: int) -> None:
        """See `Rows.admit`."""
        if not self._allocated:
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
        """See `Rows.move`."""
        self._source_lengths[to] = length = self._source_lengths[row]
        self._target_lengths[to] = self._target_lengths[row]
        for buffer in self._states.values():
            buffer[to] = buffer[row]
        for name, buffer in self._memory.items():
            positions = slice(0, length if "source" in self._axes[name] else None)
            buffer[to, positions] = buffer[row, positions]

    def step(self, inputs: StepInput) -> Step:
        """See `Rows.step`."""
        self._stepped = len(inputs.previous_ids)
        step = self._model.step(inputs._replace(tensors=self._tensors(slice(0, self._stepped))))
        self._next = step.states
        return step

    def advance(self) -> None:
        """See `Rows.advance`."""
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
        """See `Rows.carried`."""
        return self._tensors(list(rows))

    def _tensors(self, rows: slice | list[int]) -> Tensors:
        """Return the tensors of some rows: views of the buffers for a slice, copies for a list."""
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
        self._allocated = True
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
        """Make room for this many target positions, at least doubling the buffers that grow."""
        for name in self._growing:
            buffer = self._states[name]
            if (found := buffer.shape[2]) < positions:
                shape = (*buffer.shape[:2], max(positions, 2 * found), *buffer.shape[3:])
                self._states[name] = np.zeros(shape, dtype=buffer.dtype)
                self._states[name][:, :, :found] = buffer


def start_search(decoding: Decoding, special: SpecialIds) -> Search:
    """Create the search of one sentence."""
    return GreedySearch(decoding, special) if decoding.beam == 1 else Beam(decoding, special)


T = TypeVar("T", bound=RunningSentence)


class Driver(Generic[T]):
    """Steps a batch of running sentences.

    Rows in use are always a prefix: admitting appends a row, releasing moves the last row into the
    gap. The result of a sentence does not depend on the rest of the batch.

    Attributes:
        beam: number of hypotheses per sentence.
        sentences: the running sentences, one per row.
    """

    def __init__(
        self, model: StepModel, rows: Rows, beam: int, vocabulary: int | None = None
    ) -> None:
        """Step `rows` of `model`, with `beam` hypotheses per sentence.

        `vocabulary` is the size of the target vocabulary; if given, the model's output is checked,
        otherwise NaN gives translations with a score of NaN.
        """
        self._model, self._rows, self.beam, self._vocabulary = model, rows, beam, vocabulary
        self.sentences: list[T] = []

    def admit(self, sentence: T, encoded: Encoded, index: int) -> None:
        """Append a sentence: the one at `index` of an encoded batch."""
        self._rows.admit(len(self.sentences), encoded, index)
        self.sentences.append(sentence)

    def step(self) -> None:
        """Step all rows in use and advance each sentence's search.

        Raises:
            BadOutputError: the output is checked, and has a wrong shape, is not finite, or contains
                ids outside the vocabulary. No search has advanced.
        """
        searches = [sentence.search for sentence in self.sentences]
        inputs = StepInput(
            np.array([search.previous for search in searches], dtype=np.int64),
            np.array([search.parents for search in searches], dtype=np.int64),
            np.array([search.scored for search in searches], dtype=np.int64),
            max(search.candidates for search in searches),
        )
        step = self._rows.step(inputs)
        if self._vocabulary is not None:
            self._check(inputs, step, self._vocabulary)
        self._reweight(inputs, step)
        self._show(inputs)
        for row, sentence in enumerate(self.sentences):
            attention = step.attention[row, :, : len(sentence.source)]
            searches[row].advance(
                Ranked(
                    step.token_ids[row], step.log_probs[row], attention, step.scored_log_probs[row]
                )
            )
        self._rows.advance()

    def release(self, row: int) -> None:
        """Release a row; the last row takes its place."""
        last = len(self.sentences) - 1
        if row != last:
            self._rows.move(last, row)
            self.sentences[row] = self.sentences[last]
        self.sentences.pop()

    def _check(self, inputs: StepInput, step: Step, vocabulary: int) -> None:
        """Check the output of a step; costs some microseconds, whatever the number of rows."""
        batch, beam = inputs.previous_ids.shape
        longest = max(len(sentence.source) for sentence in self.sentences)
        if not (
            step.token_ids.shape == step.log_probs.shape
            and step.token_ids.shape[:2] == (batch, beam)
            and 0 < step.token_ids.shape[2] <= inputs.candidates
            and step.attention.ndim == step.token_ids.ndim == 3
            and step.attention.shape[:2] == step.scored_log_probs.shape == (batch, beam)
            and step.attention.shape[2] >= longest
        ):
            raise BadOutputError("the outputs of a step have wrong shapes")
        # a sum is finite only if each of its terms is
        sums = step.log_probs.sum() + step.scored_log_probs.sum() + step.attention.sum()
        if not math.isfinite(sums):
            raise BadOutputError("a log-probability or an attention weight is not finite")
        if step.token_ids.min() < 0 or step.token_ids.max() >= vocabulary:
            raise BadOutputError("a token id is outside the vocabulary")

    def _reweight(self, inputs: StepInput, step: Step) -> None:
        """Append the posterior attention of the step where a sentence asks for it."""
        rows = [row for row, each in enumerate(self.sentences) if each.posterior is not None]
        if not rows:
            return
        found = posterior_attention(
            self._model,
            self._input_of(rows, inputs),
            step.attention[rows],
        )
        if self._vocabulary is not None and not math.isfinite(found.sum()):
            raise BadOutputError("a weight of posterior attention is not finite")
        for row, weights in zip(rows, found, strict=True):
            sentence = self.sentences[row]
            assert sentence.posterior is not None
            sentence.posterior.append(weights[0, : len(sentence.source)])

    def _show(self, inputs: StepInput) -> None:
        """Show the input of the step to the views that want this one."""
        for row, sentence in enumerate(self.sentences):
            view = sentence.view
            if view is not None and view.index == len(sentence.search.decided):
                view.see(self._input_of([row], inputs))

    def _input_of(self, rows: list[int], inputs: StepInput) -> StepInput:
        """Return the input of some rows for the model itself, which ranks one candidate."""
        return StepInput(
            inputs.previous_ids[rows],
            inputs.parents[rows],
            inputs.scored_ids[rows],
            1,
            self._rows.carried(rows),
        )
