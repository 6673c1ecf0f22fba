"""The driver and its rows, with states of fixed size and states that grow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jumok.bundle.signature import DECODER_STEP, GraphSignature, TensorSignature
from jumok.decoding.batch_search import BatchSentence, pad, search
from jumok.decoding.driver import Driver, HostRows, start_search
from jumok.decoding.options import Decoding, SamplingParameters
from jumok.decoding.step_model import Encoded, Rows, Step, StepInput, StepModel
from tests.decoding.tables import SOURCES, SPECIAL, VOCABULARY, Tables, table


def sentence(source: Sequence[int], beam: int = 1) -> BatchSentence:
    return BatchSentence(source, start_search(Decoding(30, beam=beam), SPECIAL))


def make_driver(model: StepModel, beam: int, width: int, capacity: int) -> Driver[BatchSentence]:
    return Driver(model, model.rows(beam, width, capacity), beam)


def admit(driver: Driver[BatchSentence], model: StepModel, some: Sequence[BatchSentence]) -> None:
    encoded = model.encode(*pad([each.source for each in some]))
    for index, each in enumerate(some):
        driver.admit(each, encoded, index)


def release_done(driver: Driver[BatchSentence]) -> None:
    for row in reversed(range(len(driver.sentences))):
        if driver.sentences[row].search.done:
            driver.release(row)


class Remembering:
    """A model whose state is all tokens read so far, so that it grows by one position per step.

    Log-probabilities are drawn for each source and hypothesis as in `Tables`; all attention is on
    the first position.
    """

    signature = GraphSignature(
        inputs=(
            *(tensor for tensor in DECODER_STEP.inputs if tensor.name != "decoder_state"),
            TensorSignature(
                name="read", dtype="float32", axes=("batch", "beam", "target", "feature")
            ),
            TensorSignature(name="target_lengths", dtype="int32", axes=("batch",)),
        ),
        outputs=(
            *(tensor for tensor in DECODER_STEP.outputs if tensor.name != "next_decoder_state"),
            TensorSignature(
                name="next_read", dtype="float32", axes=("batch", "beam", "target", "feature")
            ),
        ),
    )

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        states = source_ids[:, :, None].astype(np.float32)
        nothing = np.zeros((len(states), 0, 1), dtype=np.float32)
        return Encoded(
            {"encoder_states": states, "projected_keys": states, "read": nothing}, source_lengths
        )

    def step(self, inputs: StepInput) -> Step:
        read, lengths = inputs.tensors["read"], inputs.tensors["target_lengths"]
        sources, counts = inputs.tensors["encoder_states"], inputs.tensors["source_lengths"]
        batch, beam, width, _ = read.shape
        assert width == lengths.max()
        ordered = np.take_along_axis(read, inputs.parents[:, :, None, None], axis=1)
        following = np.full((batch, beam, width + 1, 1), np.nan, dtype=np.float32)
        shape = batch, beam, min(inputs.candidates, VOCABULARY)
        token_ids, log_probs = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
        attention = np.zeros((batch, beam, sources.shape[1]), np.float32)
        attention[:, :, 0] = 1
        for row in range(batch):
            length = lengths[row]
            for hypothesis in range(beam):
                tokens = [
                    *ordered[row, hypothesis, :length, 0],
                    inputs.previous_ids[row, hypothesis],
                ]
                following[row, hypothesis, : length + 1, 0] = tokens
                source = tuple(sources[row, : counts[row], 0].astype(int).tolist())
                everything, _ = table(source, hash(tuple(map(int, tokens))) % 1_000_003)
                best = np.argsort(-everything)[: shape[2]]
                token_ids[row, hypothesis], log_probs[row, hypothesis] = best, everything[best]
        scored = np.zeros((batch, beam), np.float32)
        return Step(token_ids, log_probs, attention, scored, {"read": following})

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        return HostRows(self, beam, width, capacity)


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("model", [Tables(), Remembering()], ids=["fixed", "growing"])
def test_sentences_do_not_depend_on_each_other(model: Any, beam: int) -> None:
    """Sentences admitted at different times into different rows are translated as if alone."""
    driver = make_driver(model, beam, width=8, capacity=len(SOURCES))
    sentences = [sentence(source, beam) for source in SOURCES]
    admit(driver, model, sentences[:2])
    for later in sentences[2:]:
        for _ in range(2):
            driver.step()
            release_done(driver)
        admit(driver, model, [later])
    while driver.sentences:
        driver.step()
        release_done(driver)
    for each in sentences:
        ((alone,),) = search(model, [each.source], SPECIAL, Decoding(30, beam=beam))
        found = each.search.hypotheses()[0]
        assert found.token_ids == alone.token_ids
        assert found.score == alone.score
        np.testing.assert_array_equal(found.attention, alone.attention)


def test_a_growing_state_has_a_position_for_each_step() -> None:
    """Sentences admitted at different times have states of different lengths in one batch."""
    model = Remembering()
    rows = HostRows(model, 1, width=4, capacity=2)
    encoded = model.encode(*pad([[5, 3], [6, 3]]))

    def step(*previous: int) -> None:
        ids = np.array(previous)[:, None]
        rows.step(StepInput(ids, np.zeros_like(ids), ids, 1))
        rows.advance()

    rows.admit(0, encoded, 0)
    step(2)
    step(4)
    rows.admit(1, encoded, 1)
    step(5, 2)
    carried = rows.carried([0, 1])
    assert carried["target_lengths"].tolist() == [3, 1]
    assert carried["read"][0, 0, :, 0].tolist() == [2, 4, 5]
    assert carried["read"][1, 0, 0, 0] == 2
    rows.move(1, 0)
    assert rows.carried([0])["read"][0, 0, :, 0].tolist() == [2]


def test_the_model_reads_views_of_the_buffers() -> None:
    """States and memory are passed to the model as a prefix of the buffers, without a copy."""
    seen: list[Any] = []

    class Spy(Tables):
        def step(self, inputs: StepInput) -> Step:
            seen.extend(inputs.tensors[name] for name in ("decoder_state", "encoder_states"))
            return super().step(inputs)

    model = Spy()
    driver = make_driver(model, 1, width=4, capacity=8)
    admit(driver, model, [sentence([5, 3]), sentence([6, 3])])
    driver.step()
    assert all(tensor.base is not None for tensor in seen)
    assert [len(tensor) for tensor in seen] == [2, 2]
    assert all(tensor.flags.c_contiguous for tensor in seen)


class Stateless:
    """A model without states that always prefers the first token of the source."""

    signature = GraphSignature(
        inputs=tuple(tensor for tensor in DECODER_STEP.inputs if tensor.name != "decoder_state"),
        outputs=tuple(
            tensor for tensor in DECODER_STEP.outputs if tensor.name != "next_decoder_state"
        ),
    )

    def encode(self, source_ids: NDArray[np.int64], source_lengths: NDArray[np.int32]) -> Encoded:
        states = source_ids[:, :, None].astype(np.float32)
        return Encoded({"encoder_states": states, "projected_keys": states}, source_lengths)

    def step(self, inputs: StepInput) -> Step:
        first = inputs.tensors["encoder_states"][:, :1].astype(np.int64)
        zeros = np.zeros(first.shape, dtype=np.float32)
        attention = np.zeros((len(first), 1, inputs.tensors["encoder_states"].shape[1]), np.float32)
        return Step(first, zeros, attention, zeros[:, :, 0], {})

    def rows(self, beam: int, width: int, capacity: int) -> Rows:
        return HostRows(self, beam, width, capacity)


def test_a_model_without_states_keeps_its_memory() -> None:
    """Admitting a sentence leaves the memory of the others as it was."""
    found = search(Stateless(), [[5, 3], [6, 3], [4, 3]], SPECIAL, Decoding(2))
    assert [best.token_ids for (best,) in found] == [(5, 5), (6, 6), (4, 4)]


def test_ways_of_decoding_share_a_batch() -> None:
    """Greedy and sampled sentences and those with alternatives get what they get alone."""
    ways = [
        Decoding(30),
        Decoding(30, sampling=SamplingParameters(temperature=2, seed=1)),
        Decoding(30, alternatives=3),
    ]
    model = Tables()
    driver = make_driver(model, 1, width=8, capacity=len(ways))
    sentences = [BatchSentence(SOURCES[1], start_search(way, SPECIAL)) for way in ways]
    admit(driver, model, sentences)
    while driver.sentences:
        driver.step()
        release_done(driver)
    found = [each.search.hypotheses()[0] for each in sentences]
    assert found[0].token_ids != found[1].token_ids
    for way, one in zip(ways, found, strict=True):
        ((alone,),) = search(model, [SOURCES[1]], SPECIAL, way)
        assert one.token_ids == alone.token_ids
        assert one.tokens.alternatives == alone.tokens.alternatives
